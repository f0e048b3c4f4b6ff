-- Dials: every request opens a session. Arguments: milliseconds of pace, first session, phones (comma), right screens.
dofile("report.lua")

local session
local phones = {}

function init(arguments)
  pace(tonumber(arguments[1]))
  session = tonumber(arguments[2])
  for phone in arguments[3]:gmatch("[^,]+") do
    phones[#phones + 1] = phone
  end
  expect(arguments, 4)
  wrk.headers["Content-Type"] = "application/x-www-form-urlencoded"
end

function request()
  session = session + 1
  local phone = phones[1 + session % #phones]
  return wrk.format("POST", nil, nil,
    "sessionId=bench-" .. session .. "&serviceCode=%2A384%2A123%23&phoneNumber=%2B" .. phone .. "&networkCode=99999&text=")
end
