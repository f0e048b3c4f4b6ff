-- Steps real USSD sessions: every request continues one with its next answer, so that no turn is ever a repetition.
-- Arguments: milliseconds of pace, first session, sessions, phones (comma), answers (comma; the first once, the others
-- round and round), then every screen that is right.
dofile("report.lua")

-- A session is asked again only after all others of its ring, so that its turn before has been answered by then.
local RING = 256
local STEPS = 12

local first, sessions, phones, answers
local texts = {}
local ring, step, place, depth = 0, 1, 0, 0

local function split(list)
  local parts = {}
  for part in list:gmatch("[^,]+") do
    parts[#parts + 1] = part
  end
  return parts
end

local function text_of(number)
  if not texts[number] then
    local answer = answers[number == 1 and 1 or 2 + (number - 2) % (#answers - 1)]
    texts[number] = number == 1 and answer or text_of(number - 1) .. "%2A" .. answer
  end
  return texts[number]
end

function init(arguments)
  pace(tonumber(arguments[1]))
  first, sessions = tonumber(arguments[2]), tonumber(arguments[3])
  phones, answers = split(arguments[4]), split(arguments[5])
  expect(arguments, 6)
  wrk.headers["Content-Type"] = "application/x-www-form-urlencoded"
end

local function advance()
  place = place + 1
  if place < RING then return end
  place, step = 0, step + 1
  if step <= STEPS then return end
  step, ring = 1, ring + 1
  if (ring + 1) * RING <= sessions then return end
  ring, depth = 0, depth + STEPS
end

function request()
  local session = first + ring * RING + place
  local text = text_of(depth + step)
  local phone = phones[1 + session % #phones]
  advance()
  return wrk.format("POST", nil, nil,
    "sessionId=bench-" .. session .. "&serviceCode=%2A384%2A123%23&phoneNumber=%2B" .. phone .. "&networkCode=99999&text=" .. text)
end
