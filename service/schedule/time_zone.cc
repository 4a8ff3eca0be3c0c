#include "service/schedule/time_zone.h"

#include <cstddef>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

#include "service/schedule/cron_field.h"

namespace logexport {
namespace {

constexpr std::size_t kMaxNameLength = 64;

// The loader also takes file paths and "localtime". A name that comes over the network must not
// open files, and one that means another zone on every machine is not a name.
bool LooksLikeZoneName(absl::string_view name) {
  if (name.size() > kMaxNameLength || name == "localtime" || absl::StrContains(name, "..") ||
      absl::StrContains(name, "//")) {
    return false;
  }
  for (const char c : name) {
    if (!absl::ascii_isalnum(static_cast<unsigned char>(c)) && c != '/' && c != '_' && c != '+' &&
        c != '-') {
      return false;
    }
  }
  return absl::ascii_isalpha(static_cast<unsigned char>(name.front()));
}

}  // namespace

absl::StatusOr<absl::TimeZone> LoadZone(absl::string_view name) {
  if (name.empty()) return absl::UTCTimeZone();
  absl::TimeZone zone;
  if (!LooksLikeZoneName(name) || !absl::LoadTimeZone(name, &zone)) {
    return absl::InvalidArgumentError(absl::StrCat(
        "there is no time zone ", QuoteForError(name),
        " on this machine; write an IANA name such as UTC, Europe/Berlin or America/New_York"));
  }
  return zone;
}

}  // namespace logexport
