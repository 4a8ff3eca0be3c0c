#include "tests/sandbox/auth0/log_store.h"

#include <algorithm>
#include <cstring>
#include <limits>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include <simdjson.h>

#include "service/base/time_text.h"
#include "tests/sandbox/auth0/json_fields.h"

namespace logexport::sandbox {
namespace {

constexpr std::size_t kMaxTypes = std::numeric_limits<std::uint16_t>::max();

struct ParsedLine {
  absl::string_view json;
  std::string id;
  std::string type;
  std::string user_id;
  absl::Time date;
};

// The text of a JSON string; empty if it is something else.
std::string Unquote(simdjson::dom::parser& parser, const std::string& json) {
  std::string_view text;
  return parser.parse(json).get(text) == simdjson::SUCCESS ? std::string(text) : std::string();
}

// An empty id if the line is no log.
ParsedLine ParseLine(simdjson::dom::parser& parser, absl::string_view line) {
  ParsedLine parsed;
  parsed.json = line;
  const auto fields = ReadFields(line);
  if (!fields.has_value()) {
    return parsed;
  }
  std::string id;
  std::string date;
  for (const auto& [key, raw] : *fields) {
    if (key == "log_id") {
      parsed.id = Unquote(parser, raw);
    } else if (key == "_id") {
      id = Unquote(parser, raw);
    } else if (key == "type") {
      parsed.type = Unquote(parser, raw);
    } else if (key == "user_id") {
      parsed.user_id = Unquote(parser, raw);
    } else if (key == "date") {
      date = Unquote(parser, raw);
    }
  }
  if (parsed.id.empty()) {
    parsed.id = std::move(id);
  }
  parsed.date = ParseTimestamp(date).value_or(TimeInLogId(parsed.id));
  return parsed;
}

}  // namespace

const char* LogStore::CopyLog(absl::string_view json) {
  char* const copy = logs_.Take(json.size() + 1);
  std::memcpy(copy, json.data(), json.size());
  copy[json.size()] = ',';
  return copy;
}

std::uint16_t LogStore::TypeIndex(absl::string_view type) {
  if (const auto found = type_index_.find(type); found != type_index_.end()) {
    return found->second;
  }
  const auto index = static_cast<std::uint16_t>(std::min(types_.size(), kMaxTypes - 1));
  types_.emplace_back(type);
  type_index_[types_.back()] = index;
  return index;
}

std::size_t LogStore::LowerBound(absl::string_view id) const {
  const auto at = std::lower_bound(entries_.begin(), entries_.end(), id,
                                   [](const Entry& entry, absl::string_view wanted) {
                                     return absl::string_view(entry.id, entry.id_size) < wanted;
                                   });
  return static_cast<std::size_t>(at - entries_.begin());
}

std::size_t LogStore::Find(absl::string_view id) const {
  const std::size_t at = LowerBound(id);
  return at < size() && absl::string_view(entries_[at].id, entries_[at].id_size) == id ? at
                                                                                       : size();
}

std::size_t LogStore::UpperBound(absl::string_view id) const {
  const std::size_t at = LowerBound(id);
  return at < size() && absl::string_view(entries_[at].id, entries_[at].id_size) == id ? at + 1
                                                                                       : at;
}

bool LogStore::Add(absl::string_view json, absl::string_view id, absl::string_view type,
                   absl::Time date) {
  if (Find(id) < size()) {
    return false;
  }
  const char* const bytes = CopyLog(json);
  const char* const own_id = ids_.Copy(id).data();
  return Insert({bytes, own_id, date, static_cast<std::uint32_t>(json.size()),
                 static_cast<std::uint16_t>(id.size()), TypeIndex(type)},
                id);
}

bool LogStore::AddWithIdInside(absl::string_view json, std::size_t id_offset, std::size_t id_size,
                               absl::string_view type, absl::Time date) {
  const absl::string_view id = json.substr(id_offset, id_size);
  if (size() > 0 && id <= at(size() - 1).id && Find(id) < size()) {
    return false;
  }
  const char* const bytes = CopyLog(json);
  return Insert({bytes, bytes + id_offset, date, static_cast<std::uint32_t>(json.size()),
                 static_cast<std::uint16_t>(id_size), TypeIndex(type)},
                id);
}

void LogStore::AddHidden(absl::string_view json, absl::string_view id, absl::string_view type,
                         absl::Time date, absl::Time visible) {
  hidden_.emplace(visible, Hidden{std::string(json), std::string(id), std::string(type), date});
}

void LogStore::Show(absl::Time now) {
  while (!hidden_.empty() && hidden_.begin()->first <= now) {
    const Hidden& log = hidden_.begin()->second;
    Add(log.json, log.id, log.type, log.date);
    hidden_.erase(hidden_.begin());
  }
}

bool LogStore::Insert(Entry entry, absl::string_view id) {
  bytes_ += entry.size;
  if (entries_.empty() || at(size() - 1).id < id) {
    entries_.push_back(entry);
    return true;
  }
  const std::size_t position = LowerBound(id);
  entries_.insert(entries_.begin() + static_cast<std::ptrdiff_t>(position), entry);
  first_visible_ += position < first_visible_ ? 1 : 0;
  return true;
}

LogStore::LoadResult LogStore::AddNdjson(absl::string_view ndjson) {
  LoadResult result;
  simdjson::dom::parser parser;
  std::vector<ParsedLine> lines;
  std::size_t line_number = 0;
  while (!ndjson.empty()) {
    const std::size_t end = std::min(ndjson.find('\n'), ndjson.size());
    const absl::string_view line = absl::StripAsciiWhitespace(ndjson.substr(0, end));
    ndjson.remove_prefix(std::min(end + 1, ndjson.size()));
    ++line_number;
    if (line.empty()) {
      continue;
    }
    ParsedLine parsed = ParseLine(parser, line);
    if (parsed.id.empty()) {
      ++result.bad_lines;
      result.bad_line = result.bad_line == 0 ? line_number : result.bad_line;
    } else {
      lines.push_back(std::move(parsed));
    }
  }
  if (result.bad_lines > 0) {
    return result;
  }
  std::stable_sort(lines.begin(), lines.end(),
                   [](const ParsedLine& a, const ParsedLine& b) { return a.id < b.id; });
  absl::flat_hash_set<std::string> users;
  for (ParsedLine& line : lines) {
    if (Add(line.json, line.id, line.type, line.date)) {
      ++result.added;
    } else {
      ++result.repeated_ids;
    }
    if (!line.user_id.empty() && users.insert(line.user_id).second) {
      result.user_ids.push_back(std::move(line.user_id));
    }
  }
  return result;
}

LogStore::Log LogStore::at(std::size_t index) const {
  const Entry& entry = entries_[index];
  return {absl::string_view(entry.json, entry.size), absl::string_view(entry.id, entry.id_size),
          types_[entry.type], entry.date};
}

std::vector<absl::string_view> LogStore::Slices(std::size_t begin, std::size_t end) const {
  std::vector<absl::string_view> slices = {"["};
  const char* run = nullptr;
  std::size_t run_size = 0;
  for (std::size_t i = begin; i < end; ++i) {
    const Entry& entry = entries_[i];
    if (run != nullptr && run + run_size == entry.json) {
      run_size += entry.size + 1;
      continue;
    }
    if (run != nullptr) {
      slices.emplace_back(run, run_size);
    }
    run = entry.json;
    run_size = entry.size + 1;
  }
  if (run != nullptr) {
    slices.emplace_back(run, run_size - 1);
  }
  slices.emplace_back("]");
  return slices;
}

absl::Time TimeInLogId(absl::string_view id) {
  constexpr std::size_t kYear = 3;
  constexpr std::size_t kEnd = 17;
  if (!absl::StartsWith(id, "900") || id.size() < kEnd) {
    return absl::InfinitePast();
  }
  const auto digits = [id](std::size_t from, std::size_t count) {
    return std::string(id.substr(from, count));
  };
  const std::string text = absl::StrCat(digits(kYear, 4), "-", digits(7, 2), "-", digits(9, 2), "T",
                                        digits(11, 2), ":", digits(13, 2), ":", digits(15, 2), ".",
                                        id.size() >= kEnd + 6 ? digits(kEnd, 6) : "0", "Z");
  return ParseTimestamp(text).value_or(absl::InfinitePast());
}

}  // namespace logexport::sandbox
