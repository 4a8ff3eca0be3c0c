#include "tests/segment/random_logs.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace logexport {
namespace {

constexpr absl::string_view kTypes[] = {"s",      "ss",       "f", "fp",  "sapi",
                                        "seccft", "new_code", "",  "sce", "w"};

constexpr absl::string_view kKeys[] = {"user_id",
                                       "user_name",
                                       "client_id",
                                       "client_name",
                                       "ip",
                                       "user_agent",
                                       "details",
                                       "scope",
                                       "location_info",
                                       "description",
                                       "auth0_client",
                                       "isMobile",
                                       "is_mobile",
                                       "strategy",
                                       "connection",
                                       "id",
                                       "_id",
                                       "date",
                                       "type",
                                       "value",
                                       "level",
                                       "Some Key",
                                       "$event_schema",
                                       "userName",
                                       "latitude",
                                       "a.b",
                                       "ünïcode",
                                       "",
                                       "details2",
                                       "name"};

constexpr absl::string_view kPieces[] = {
    "a",       "bc",      "Mara",      " ",     "å",       "€",       "😀",
    "\\n",     "\\\"",    "\\\\",      "\\/",   "\\u0000", "\\u00e5", "\\ud83d\\ude00",
    "\\ud800", "\\udfff", "%7C",       "|",     "{",       "}",       "[",
    ",",       ":",       "192.0.2.1", "x@y.z", "eyJ"};

// Keys of Auth0's profiles, those that become a trait with a meaning among them, and those traits.
constexpr absl::string_view kProfileKeys[] = {
    "address",     "age",       "app_metadata",  "avatar",      "birthday", "company",
    "created_at",  "createdAt", "currency",      "description", "email",    "email_verified",
    "family_name", "firstName", "gender",        "given_name",  "id",       "lastName",
    "name",        "phone",     "phone_number",  "picture",     "revenue",  "title",
    "updated_at",  "user_id",   "user_metadata", "username",    "value",    "website"};
constexpr absl::string_view kDates[] = {
    "\"2024-02-29T08:15:00.000Z\"", "\"1990-12-31\"",       "\"1990-02-30\"",
    "\"2024-02-29T08:15:00\"",      "\"29 February 2024\"", "1709194500000"};

}  // namespace

std::string RandomLogs::String() {
  std::string text = "\"";
  const std::uint64_t pieces = OneIn(300) ? 20'000 : OneIn(10) ? 200 : Below(8);
  for (std::uint64_t i = 0; i < pieces; ++i) {
    const absl::string_view piece = Pick(kPieces);
    text.append(piece.data(), piece.size());
  }
  return text + "\"";
}

std::string RandomLogs::Number() {
  // None beyond the range of a double: the simulator that checks the events does not read those.
  constexpr absl::string_view kNumbers[] = {"0",
                                            "-0",
                                            "1",
                                            "-17",
                                            "3.1400",
                                            "1e300",
                                            "-2.5E-9",
                                            "123456789012345678901234567890",
                                            "0.1000000000000000055511151231257827"};
  return std::string(Pick(kNumbers));
}

std::string RandomLogs::Object(int depth) {
  std::string object = "{";
  const std::uint64_t members = Below(6);
  for (std::uint64_t i = 0; i < members; ++i) {
    absl::StrAppend(&object, i == 0 ? "" : ",");
    if (OneIn(3)) {
      absl::StrAppend(&object, String());
    } else {
      absl::StrAppend(&object, "\"", Pick(kKeys), "\"");
    }
    absl::StrAppend(&object, OneIn(9) ? " :\n" : ":", Value(depth - 1));
  }
  return object + "}";
}

std::string RandomLogs::Value(int depth) {
  if (depth > 0 && OneIn(4)) return Object(depth);
  if (depth > 0 && OneIn(4)) {
    std::string array = "[";
    const std::uint64_t elements = Below(5);
    for (std::uint64_t i = 0; i < elements; ++i) {
      absl::StrAppend(&array, i == 0 ? "" : ",", Value(depth - 1));
    }
    return array + "]";
  }
  if (OneIn(200)) {
    const std::size_t levels = 1 + Below(400);
    return absl::StrCat(std::string(levels, '['), std::string(levels, ']'));
  }
  switch (Below(6)) {
    case 0:
      return Number();
    case 1:
      return OneIn(2) ? "true" : "false";
    case 2:
      return "null";
    default:
      return String();
  }
}

std::string RandomLogs::Profile() {
  std::string profile = "{";
  const std::uint64_t members = Below(12);
  for (std::uint64_t i = 0; i < members; ++i) {
    absl::StrAppend(&profile, i == 0 ? "" : ",", "\"", Pick(kProfileKeys), "\":",
                    OneIn(3) ? std::string(Pick(kDates)) : Value(static_cast<int>(Below(4))));
  }
  return profile + "}";
}

std::string RandomLogs::Log() {
  std::string log =
      absl::StrCat("{\"log_id\":\"", Below(1'000'000'000), "\",\"type\":\"", Pick(kTypes), "\"");
  if (!OneIn(5)) absl::StrAppend(&log, ",\"date\":\"2026-11-23T00:51:02.", 100 + Below(900), "Z\"");
  const std::uint64_t members = Below(20);
  for (std::uint64_t i = 0; i < members; ++i) {
    absl::StrAppend(&log, ",\"", Pick(kKeys), "\":", Value(static_cast<int>(Below(6))));
  }
  return log + "}";
}

}  // namespace logexport
