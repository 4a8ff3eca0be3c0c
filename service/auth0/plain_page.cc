#include "service/auth0/plain_page.h"

#include <cstdint>
#include <limits>
#include <vector>

#include "service/auth0/log_builder.h"
#include "service/base/utf8.h"
#include "service/json/json_place.h"
#include "service/json/plain_json.h"

namespace logexport {
namespace {

constexpr std::size_t kUsualLogs = 100;
constexpr std::size_t kUsualMembers = 24;

// A log, which follows in `json`.
bool ReadPlainLog(PlainJson* json, LogBuilder* builder, Page* page) {
  const char* const begin = json->position();
  const auto place = [begin](const char* at) { return static_cast<std::uint32_t>(at - begin); };
  const bool read = json->TakeObject([&](absl::string_view key, const JsonSlice& value) {
    if (key.size() > std::numeric_limits<std::uint16_t>::max()) return false;
    page->members.push_back({.key = place(key.data()),
                             .value = place(value.text.data()),
                             .value_size = static_cast<std::uint32_t>(value.text.size()),
                             .key_size = static_cast<std::uint16_t>(key.size()),
                             .kind = value.kind});
    if (!LogBuilder::IsDateObject(key.data(), value.text)) {
      builder->Add(key.data(), value.text);
      return true;
    }
    builder->BeginDateObject();
    return PlainJson(value.text).TakeObject([&](absl::string_view name, const JsonSlice& date) {
      if (name == "$date") builder->AddDollarDate(date.text);
      return true;
    });
  });
  if (!read) return false;
  builder->Finish({begin, static_cast<std::size_t>(json->position() - begin)});
  return true;
}

}  // namespace

bool ReadPlainPage(Page* page) {
  // Places are counted in 32 bits.
  if (page->body.size() > std::numeric_limits<std::uint32_t>::max()) return false;
  if (!IsValidUtf8(page->body)) return false;
  page->logs.reserve(kUsualLogs);
  page->members.reserve(kUsualLogs * kUsualMembers);
  std::vector<std::size_t> ends;  // of the members of each log
  ends.reserve(kUsualLogs);
  LogBuilder builder(page);
  PlainJson json(page->body);
  if (!json.Take('[')) return false;
  do {
    json.PassSpace();
    if (!ReadPlainLog(&json, &builder, page)) return false;
    ends.push_back(page->members.size());
  } while (json.Take(','));
  if (!json.Take(']') || !json.AtEnd()) return false;
  // Only now the members no longer move.
  std::size_t begin = 0;
  for (std::size_t i = 0; i < ends.size(); ++i) {
    page->logs[i].members = absl::MakeConstSpan(page->members).subspan(begin, ends[i] - begin);
    begin = ends[i];
  }
  return true;
}

}  // namespace logexport
