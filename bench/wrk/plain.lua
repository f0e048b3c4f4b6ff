-- The same request again and again. Arguments: milliseconds of pace, the right answer.
dofile("report.lua")

function init(arguments)
  pace(tonumber(arguments[1]))
  expect(arguments, 2)
end
