-- What every script of wrk here does alike: compare each answer with those that are right, count, and print one line of JSON.
local threads = {}
local right = {}

bad = 0
example = ""

function setup(thread)
  threads[#threads + 1] = thread
end

-- Answers that are right, all of them, to the letter.
function expect(answers, first)
  for number = first, #answers do
    right[answers[number]] = true
  end
end

-- So many milliseconds between an answer and the next request of a connection: a calm load instead of all that goes.
function pace(milliseconds)
  if milliseconds > 0 then
    function delay()
      return milliseconds
    end
  end
end

function response(status, _, body)
  if status ~= 200 or not right[body] then
    bad = bad + 1
    if bad == 1 then
      example = status .. " " .. body:sub(1, 200)
    end
  end
end

function done(summary, latency)
  local wrong, seen = 0, ""
  for _, thread in ipairs(threads) do
    wrong = wrong + thread:get("bad")
    seen = thread:get("example")
  end
  local errors = summary.errors
  local failed = errors.connect + errors.read + errors.write + errors.timeout
  io.write(string.format(
    '\n{"requests":%d,"microseconds":%d,"wrong":%d,"failed":%d,"p50":%d,"p99":%d,"example":"%s"}\n',
    summary.requests, summary.duration, wrong, failed, latency:percentile(50), latency:percentile(99),
    seen:gsub('[%c"\\]', " ")))
end
