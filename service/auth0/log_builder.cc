#include "service/auth0/log_builder.h"

#include <cstdint>
#include <cstring>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

#include "service/auth0/log_date.h"
#include "service/auth0/type_table.h"
#include "service/base/hash.h"
#include "service/base/time_text.h"
#include "service/json/json_text.h"

namespace logexport {
namespace {

// Only for keys that end in a quote, within the bytes that can be read.
template <std::size_t kSize>
bool IsKey(const char* key, const char (&quoted)[kSize]) {
  return std::memcmp(key, quoted, kSize - 1) == 0;
}

bool BeginsNumber(char c) { return c == '-' || (c >= '0' && c <= '9'); }

}  // namespace

void LogBuilder::Add(const char* key, absl::string_view token) {
  switch (*key) {
    case '_':
      if (IsKey(key, "_id\"")) underscore_id_ = Text(token);
      break;
    case 'l':
      if (IsKey(key, "log_id\"")) log_id_ = Text(token);
      break;
    case 't':
      if (IsKey(key, "type\"")) type_ = Text(token);
      break;
    case 'd':
      if (IsKey(key, "date\"")) log_.date = DateOf(token, /*accepts_millis=*/false);
      break;
    case 'u':
      if (IsKey(key, "user_id\"")) log_.user_id = Text(token);
      break;
    case 'c':
      if (IsKey(key, "client_id\"")) log_.client_id = Text(token);
      if (IsKey(key, "connection\"")) log_.connection = Text(token);
      break;
    default:
      break;
  }
}

bool LogBuilder::IsDateObject(const char* key, absl::string_view token) {
  return *key == 'd' && !token.empty() && token.front() == '{' && IsKey(key, "date\"");
}

void LogBuilder::Finish(absl::string_view raw) {
  log_.raw = raw;
  log_.type = TypeOf(type_);
  log_.id = log_id_.empty() ? underscore_id_ : log_id_;
  if (log_.id.empty()) SetDefect(Log::Defect::kNoId);
  page_.logs.push_back(log_);
  log_ = Log();
  log_id_ = underscore_id_ = type_ = absl::string_view();
}

void LogBuilder::AddNoObject(absl::string_view raw) {
  log_.raw = raw;
  log_.type = TypeOf("");
  SetDefect(Log::Defect::kNotObject);
  page_.logs.push_back(log_);
  log_ = Log();
}

void LogBuilder::SetDefect(Log::Defect defect) {
  log_.defect = defect;
  log_.id = page_.strings.emplace_back(absl::StrCat("sha256:", Sha256Hex(log_.raw)));
}

absl::string_view LogBuilder::Text(absl::string_view token) {
  if (token.empty()) return {};
  if (BeginsNumber(token.front())) return token;
  if (token.size() < 2 || token.front() != '"' || token.back() != '"') return {};
  const absl::string_view text = token.substr(1, token.size() - 2);
  if (std::memchr(text.data(), '\\', text.size()) == nullptr) return text;
  if (CheckStringContent(text) != JsonSoundness::kSound) return text;
  return page_.strings.emplace_back(Unescape(text));
}

std::optional<absl::Time> LogBuilder::DateOf(absl::string_view token, bool accepts_millis) {
  if (!token.empty() && token.front() == '"') return ParseLogDate(Text(token));
  std::int64_t millis = 0;
  if (!accepts_millis || !absl::SimpleAtoi(token, &millis)) return std::nullopt;
  const absl::Time date = absl::FromUnixMillis(millis);
  return IsCalendarTime(date) ? std::optional<absl::Time>(date) : std::nullopt;
}

const LogType* LogBuilder::TypeOf(absl::string_view code) {
  if (const LogType* known = FindLogType(code)) return known;
  for (const LogType& own : page_.own_types) {
    if (own.code == code) return &own;
  }
  return &page_.own_types.emplace_back(TypeForUnknownCode(code, &page_.strings));
}

}  // namespace logexport
