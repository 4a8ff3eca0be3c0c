#include "service/auth0/page_decoder.h"

#include <algorithm>
#include <functional>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include <simdjson.h>

#include "service/auth0/log_builder.h"
#include "service/auth0/plain_page.h"
#include "service/base/ascii_space.h"
#include "service/base/status_macros.h"
#include "service/base/utf8.h"
#include "service/json/ondemand.h"

namespace logexport {
namespace {

// What Log promises behind `raw`, and what the parser wants behind the whole text.
constexpr std::size_t kParserPadding = simdjson::SIMDJSON_PADDING;
static_assert(kParserPadding <= 64);

// The parser's index takes four bytes for every byte of the largest page so far. Beyond this it is
// given back after the page.
constexpr std::size_t kLargestKeptCapacity = std::size_t{1} << 20;

constexpr std::size_t kUsualPageSize = 100;

absl::string_view View(std::string_view text) { return {text.data(), text.size()}; }

// The JSON of the value at which the iteration stands; of an array or object only its start.
absl::string_view Token(ondemand::value& value) {
  return StripTrailingSpace(View(value.raw_json_token()));
}

void Pad(std::string* body) {
  if (body->capacity() - body->size() < kParserPadding) {
    body->reserve(body->size() + kParserPadding);
  }
}

absl::Status NotLogs(absl::string_view problem) { return absl::InvalidArgumentError(problem); }

absl::Status Malformed(simdjson::error_code error) {
  switch (error) {
    case simdjson::EMPTY:
      return NotLogs("is empty");
    case simdjson::UNCLOSED_STRING:
    case simdjson::INCOMPLETE_ARRAY_OR_OBJECT:
      return NotLogs("is JSON cut short");
    default:
      return NotLogs(absl::StrCat("is no well-formed JSON (", simdjson::error_message(error), ")"));
  }
}

// Marks the logs of `page` in which invalid UTF-8 was replaced. `original` is the body as it came,
// page->body the mended one. The replacement never touches an ASCII byte, so the n-th ASCII byte of
// both texts is the same one, and logs start and end with one.
void MarkMended(absl::string_view original, Page* page) {
  std::size_t o = 0;
  std::size_t m = 0;
  const auto is_ascii = [](char c) { return absl::ascii_isascii(static_cast<unsigned char>(c)); };
  const auto advance_to = [&](std::size_t target) {
    std::size_t ascii = 0;
    for (; m < target; ++m) ascii += is_ascii(page->body[m]) ? 1u : 0u;
    for (; ascii > 0; ++o) ascii -= is_ascii(original[o]) ? 1u : 0u;
    while (o < original.size() && !is_ascii(original[o])) ++o;
  };
  for (Log& log : page->logs) {
    const auto begin = static_cast<std::size_t>(log.raw.data() - page->body.data());
    advance_to(begin);
    const std::size_t original_begin = o;
    advance_to(begin + log.raw.size());
    log.mended = !IsValidUtf8(original.substr(original_begin, o - original_begin));
  }
}

// Leaves only logs after `after`, each id once, in ascending order. Logs without an id go first,
// so that no checkpoint can pass them before they are settled.
int SortAndDropRepeats(absl::string_view after, std::vector<Log>* logs) {
  std::stable_sort(logs->begin(), logs->end(), [](const Log& a, const Log& b) {
    if (a.has_id() != b.has_id()) return b.has_id();
    return a.has_id() && a.id < b.id;
  });
  absl::string_view previous = after;
  const auto kept_end = std::remove_if(logs->begin(), logs->end(), [&previous](const Log& log) {
    if (!log.has_id()) return false;
    if (log.id <= previous) return true;
    previous = log.id;
    return false;
  });
  const auto repeated = static_cast<int>(logs->end() - kept_end);
  logs->erase(kept_end, logs->end());
  return repeated;
}

bool HaveSameForm(absl::string_view a, absl::string_view b) {
  return a.size() == b.size() && TimeOfLogId(a).has_value() == TimeOfLogId(b).has_value();
}

}  // namespace

struct PageDecoder::Parser {
  ondemand::parser json;
};

// The decoding by simdjson of one body into a page of its own.
class PageDecoder::Pass {
 public:
  Pass(ondemand::parser& parser, std::string body) : parser_(parser) {
    page_.body = std::move(body);
  }
  Pass(const Pass&) = delete;
  Pass& operator=(const Pass&) = delete;

  // Decodes an array, an object with an array in it, or (`single`) one object.
  absl::Status Run(bool single) {
    simdjson::error_code error = Start();
    std::string original;
    if (error == simdjson::UTF8_ERROR) {
      std::string mended = ReplaceInvalidUtf8(page_.body);
      original = std::exchange(page_.body, std::move(mended));
      error = Start();
    }
    if (error != simdjson::SUCCESS) return Malformed(error);
    if (single) {
      ondemand::object object;
      if (document_.get_object().get(object) != simdjson::SUCCESS)
        return NotLogs("is no JSON object");
      error = ReadLog(page_.body.data() + page_.body.find('{'), object);
    } else {
      bool found = false;
      error = ReadArrayOrWrapper(&found);
      if (error == simdjson::SUCCESS && !found) return NotLogs("is JSON, but no array of logs");
    }
    if (error != simdjson::SUCCESS) return Malformed(error);
    if (NextToken() != nullptr) return NotLogs("goes on after the end of its JSON");
    if (!original.empty()) MarkMended(original, &page_);
    return absl::OkStatus();
  }

  Page& page() { return page_; }

 private:
  simdjson::error_code Start() {
    std::string& body = page_.body;
    Pad(&body);
    return parser_.iterate(simdjson::padded_string_view(body.data(), body.size(), body.capacity()))
        .get(document_);
  }

  simdjson::error_code ReadArrayOrWrapper(bool* found) {
    ondemand::json_type type{};
    if (auto error = document_.type().get(type)) return error;
    if (type == ondemand::json_type::array) {
      *found = true;
      ondemand::array array;
      if (auto error = document_.get_array().get(array)) return error;
      return ReadArray(array);
    }
    if (type != ondemand::json_type::object) return simdjson::SUCCESS;
    ondemand::object object;
    if (auto error = document_.get_object().get(object)) return error;
    for (auto item : object) {
      ondemand::field field;
      if (auto error = std::move(item).get(field)) return error;
      if (IsMisplacedKey(field.value().raw_json_token())) return simdjson::TAPE_ERROR;
      if (*found || !field.key().unsafe_is_equal("logs")) continue;
      ondemand::array array;
      if (field.value().get_array().get(array) != simdjson::SUCCESS) continue;
      *found = true;
      if (auto error = ReadArray(array)) return error;
    }
    return simdjson::SUCCESS;
  }

  simdjson::error_code ReadArray(ondemand::array array) {
    page_.logs.reserve(kUsualPageSize);
    for (auto item : array) {
      ondemand::value value;
      if (auto error = item.get(value)) return error;
      const absl::string_view token = Token(value);
      if (IsMisplacedKey(value.raw_json_token())) return simdjson::TAPE_ERROR;
      ondemand::object object;
      if (!token.empty() && token.front() == '{') {
        if (auto error = value.get_object().get(object)) return error;
        if (auto error = ReadLog(token.data(), object)) return error;
      } else {
        // What cannot begin a value is no element at all.
        ondemand::json_type type{};
        if (auto error = value.type().get(type)) return error;
        if (auto error = ReadNoObject(token, value)) return error;
      }
    }
    return simdjson::SUCCESS;
  }

  // `begin` is the object's opening brace.
  simdjson::error_code ReadLog(const char* begin, ondemand::object object) {
    for (auto item : object) {
      if (item.error() != simdjson::SUCCESS) return item.error();
      // By reference: copying it right after it was written stalls for longer than reading it
      // takes.
      ondemand::field&& field = std::move(item).value_unsafe();
      if (IsMisplacedKey(field.value().raw_json_token())) return simdjson::TAPE_ERROR;
      const char* const key = field.key().raw();
      const absl::string_view token = Token(field.value());
      if (LogBuilder::IsDateObject(key, token)) {
        if (auto error = ReadDateObject(field.value())) return error;
      } else {
        builder_.Add(key, token);
      }
    }
    builder_.Finish(ObjectFrom(begin));
    return simdjson::SUCCESS;
  }

  simdjson::error_code ReadDateObject(ondemand::value& value) {
    builder_.BeginDateObject();
    ondemand::object object;
    if (auto error = value.get_object().get(object)) return error;
    for (auto item : object) {
      ondemand::field field;
      if (auto error = std::move(item).get(field)) return error;
      if (IsMisplacedKey(field.value().raw_json_token())) return simdjson::TAPE_ERROR;
      if (field.key().unsafe_is_equal("$date")) builder_.AddDollarDate(Token(field.value()));
    }
    return simdjson::SUCCESS;
  }

  simdjson::error_code ReadNoObject(absl::string_view token, ondemand::value& value) {
    absl::string_view text = token;
    if (!token.empty() && token.front() == '[') {
      ondemand::array array;
      if (auto error = value.get_array().get(array)) return error;
      std::string_view raw;
      if (auto error = array.raw_json().get(raw)) return error;
      text = StripTrailingSpace(View(raw));
    }
    builder_.AddNoObject(text);
    return simdjson::SUCCESS;
  }

  // The text of the object that was just iterated to its end.
  absl::string_view ObjectFrom(const char* begin) {
    const char* end = NextToken();
    if (end == nullptr) end = page_.body.data() + page_.body.size();
    return StripTrailingSpace(absl::string_view(begin, static_cast<std::size_t>(end - begin)));
  }

  // Where the iteration stands, or null at the end of the document.
  const char* NextToken() {
    const char* token = nullptr;
    return document_.current_location().get(token) == simdjson::SUCCESS ? token : nullptr;
  }

  ondemand::parser& parser_;
  ondemand::document document_;
  Page page_;
  LogBuilder builder_{&page_};
};

PageDecoder::PageDecoder() : parser_(std::make_unique<Parser>()) {}
PageDecoder::~PageDecoder() = default;

absl::StatusOr<Page> PageDecoder::Decode(std::string body, bool single) {
  if (!single) {
    Page page;
    page.body = std::move(body);
    Pad(&page.body);
    if (ReadPlainPage(&page)) return page;
    body = std::move(page.body);
  }
  Pass pass(parser_->json, std::move(body));
  const absl::Status status = pass.Run(single);
  if (parser_->json.capacity() > kLargestKeptCapacity) *parser_ = Parser();
  RETURN_IF_ERROR(status);
  return std::move(pass.page());
}

absl::StatusOr<Page> PageDecoder::DecodeArray(std::string body) {
  return Decode(std::move(body), /*single=*/false);
}

absl::StatusOr<PageDecoder::Result> PageDecoder::DecodeAfter(std::string body,
                                                             absl::string_view after) {
  Result result;
  ASSIGN_OR_RETURN(result.page, DecodeArray(std::move(body)));
  std::vector<Log>& logs = result.page.logs;
  bool ascending = true;
  absl::string_view previous = after;
  for (const Log& log : logs) {
    if (!log.has_id()) continue;
    ascending = ascending && log.id > previous;
    previous = log.id;
  }
  if (!ascending) {
    const auto other = std::find_if(logs.begin(), logs.end(), [&](const Log& log) {
      return log.has_id() && log.id <= after && !HaveSameForm(log.id, after);
    });
    if (other != logs.end()) result.other_form = std::string(other->id);
    result.repeated = SortAndDropRepeats(after, &logs);
  }
  const auto last = std::find_if(logs.rbegin(), logs.rend(), std::mem_fn(&Log::has_id));
  if (last != logs.rend()) {
    result.page.last_id = std::string(last->id);
    logs.erase(last.base(), logs.end());
  }
  return result;
}

absl::StatusOr<Page> PageDecoder::DecodeOne(std::string body) {
  ASSIGN_OR_RETURN(Page page, Decode(std::move(body), /*single=*/true));
  if (page.logs.front().has_id()) page.last_id = std::string(page.logs.front().id);
  return page;
}

}  // namespace logexport
