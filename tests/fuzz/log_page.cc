#include <functional>
#include <string>

#include "absl/status/statusor.h"

#include "service/auth0/page_decoder.h"
#include "service/base/utf8.h"
#include "service/export/log.h"
#include "tests/fuzz/targets.h"

namespace logexport {
namespace {

bool IsWithin(absl::string_view part, absl::string_view whole) {
  return std::greater_equal<>()(part.data(), whole.data()) &&
         std::less_equal<>()(part.data() + part.size(), whole.data() + whole.size());
}

bool IsHeldBy(absl::string_view text, const Page& page) {
  if (text.empty() || IsWithin(text, page.body)) return true;
  for (const std::string& string : page.strings) {
    if (IsWithin(text, string)) return true;
  }
  return false;
}

void CheckLog(const Log& log, const Page& page) {
  Promise(log.type != nullptr, "a log has a type");
  Promise(!log.id.empty(), "a log has an id, if only a made-up one");
  Promise(!log.raw.empty() && IsWithin(log.raw, page.body), "raw is part of the body");
  Promise(
      log.defect == Log::Defect::kNotObject || (log.raw.front() == '{' && log.raw.back() == '}'),
      "raw is an object");
  for (const absl::string_view text : {log.id, log.user_id, log.client_id, log.connection}) {
    Promise(IsHeldBy(text, page), "texts point into the page");
    Promise(IsValidUtf8(text), "texts are UTF-8");
  }
  volatile char sum = 0;
  for (std::size_t i = 0; i < 64; ++i)
    sum = static_cast<char>(sum + log.raw.data()[log.raw.size() + i]);
}

}  // namespace

// A page of logs, in all three ways of reading one.
void FuzzLogPage(absl::string_view input) {
  constexpr char kAfter[] = "900";
  PageDecoder decoder;
  if (auto result = decoder.DecodeAfter(std::string(input), kAfter); result.ok()) {
    absl::string_view previous = kAfter;
    for (const Log& log : result->page.logs) {
      CheckLog(log, result->page);
      if (!log.has_id()) continue;
      Promise(log.id > previous, "ids ascend from the one asked for");
      previous = log.id;
    }
    Promise(result->page.last_id.empty() || result->page.last_id == previous,
            "the last id is the highest");
  }
  if (auto page = decoder.DecodeArray(std::string(input)); page.ok()) {
    for (const Log& log : page->logs) CheckLog(log, *page);
  }
  if (auto page = decoder.DecodeOne(std::string(input)); page.ok()) {
    Promise(page->logs.size() == 1, "one log is one log");
    CheckLog(page->logs.front(), *page);
  }
}

}  // namespace logexport
