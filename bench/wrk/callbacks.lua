-- STK callbacks, each with a token and ids of its own. Arguments: milliseconds of pace, first number, path before the
-- token, body with %s for the number, the right answer.
dofile("report.lua")

local number, path, body

function init(arguments)
  pace(tonumber(arguments[1]))
  number, path, body = tonumber(arguments[2]), arguments[3], arguments[4]
  expect(arguments, 5)
  wrk.headers["Content-Type"] = "application/json"
end

function request()
  number = number + 1
  local digits = string.format("%010d", number)
  return wrk.format("POST", path .. string.rep("0", 54) .. digits, nil, (body:gsub("%%s", digits)))
end
