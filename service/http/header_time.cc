#include "service/http/header_time.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/strip.h"

namespace logexport {
namespace {

// Digits, maybe with a fraction: narrower than what SimpleAtod takes (exponents, hex, nan).
bool IsPlainNumber(absl::string_view text) {
  const auto is_digit = [](char c) { return absl::ascii_isdigit(static_cast<unsigned char>(c)); };
  const auto after_whole = std::find_if_not(text.begin(), text.end(), is_digit);
  if (after_whole == text.begin()) return false;
  if (after_whole == text.end()) return true;
  return *after_whole == '.' && after_whole + 1 != text.end() &&
         std::all_of(after_whole + 1, text.end(), is_digit);
}

}  // namespace

std::optional<absl::Time> ParseHttpDate(absl::string_view text) {
  // As servers send it today, as RFC 850 had it, and as C's asctime() prints it; always in UTC.
  constexpr const char* kForms[] = {"%a, %d %b %E4Y %H:%M:%S GMT", "%A, %d-%b-%y %H:%M:%S GMT",
                                    "%a %b %e %H:%M:%S %E4Y"};
  for (const char* form : kForms) {
    absl::Time time;
    if (!absl::ParseTime(form, text, &time, nullptr)) continue;
    // Abseil reads "infinite-future" whatever the form.
    if (time == absl::InfiniteFuture() || time == absl::InfinitePast()) return std::nullopt;
    return time;
  }
  return std::nullopt;
}

std::optional<absl::Duration> ParseRetryAfter(absl::string_view text, absl::Time now) {
  absl::string_view number = absl::StripAsciiWhitespace(text);
  const bool negative = absl::ConsumePrefix(&number, "-");
  if (IsPlainNumber(number)) {
    double seconds = 0;
    if (negative || !absl::SimpleAtod(number, &seconds)) return absl::ZeroDuration();
    return absl::Seconds(seconds);
  }
  const std::optional<absl::Time> date = ParseHttpDate(text);
  if (!date.has_value()) return std::nullopt;
  return std::max(*date - now, absl::ZeroDuration());
}

}  // namespace logexport
