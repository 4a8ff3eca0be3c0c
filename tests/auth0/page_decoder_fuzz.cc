#include "tests/auth0/page_decoder_fuzz.h"

#include <cstdlib>
#include <functional>
#include <iostream>
#include <string>

#include "absl/status/statusor.h"

#include "service/auth0/page_decoder.h"
#include "service/base/utf8.h"
#include "service/export/log.h"

namespace logexport {
namespace {

void Require(bool holds, const char* promise) {
  if (holds) return;
  std::cerr << "broken promise: " << promise << std::endl;
  std::abort();
}

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
  Require(log.type != nullptr, "a log has a type");
  Require(!log.id.empty(), "a log has an id, if only a made-up one");
  Require(!log.raw.empty() && IsWithin(log.raw, page.body), "raw is part of the body");
  Require(
      log.defect == Log::Defect::kNotObject || (log.raw.front() == '{' && log.raw.back() == '}'),
      "raw is an object");
  for (const absl::string_view text : {log.id, log.user_id, log.client_id, log.connection}) {
    Require(IsHeldBy(text, page), "texts point into the page");
    Require(IsValidUtf8(text), "texts are UTF-8");
  }
  volatile char sum = 0;
  for (int i = 0; i < 64; ++i) sum = static_cast<char>(sum + log.raw.data()[log.raw.size() + i]);
}

}  // namespace

void FuzzPageDecoder(absl::string_view bytes) {
  constexpr char kAfter[] = "900";
  PageDecoder decoder;
  if (auto result = decoder.DecodeAfter(std::string(bytes), kAfter); result.ok()) {
    absl::string_view previous = kAfter;
    for (const Log& log : result->page.logs) {
      CheckLog(log, result->page);
      if (!log.has_id()) continue;
      Require(log.id > previous, "ids ascend from the one asked for");
      previous = log.id;
    }
    Require(result->page.last_id.empty() || result->page.last_id == previous,
            "the last id is the highest");
  }
  if (auto page = decoder.DecodeArray(std::string(bytes)); page.ok()) {
    for (const Log& log : page->logs) CheckLog(log, *page);
  }
  if (auto page = decoder.DecodeOne(std::string(bytes)); page.ok()) {
    Require(page->logs.size() == 1, "one log is one log");
    CheckLog(page->logs.front(), *page);
  }
}

}  // namespace logexport
