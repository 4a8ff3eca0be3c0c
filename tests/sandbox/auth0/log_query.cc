#include "tests/sandbox/auth0/log_query.h"

#include <algorithm>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

#include "service/base/status_macros.h"
#include "service/base/time_text.h"
#include "tests/sandbox/auth0/json_fields.h"

namespace logexport::sandbox {
namespace {

constexpr int kMaxDepth = 32;

std::string FieldText(const LogStore::Log& log, const std::string& field) {
  if (field == "type") return std::string(log.type);
  if (field == "log_id") return std::string(log.id);
  return StringField(log.json, field);
}

// A time, or a day as its midnight.
absl::Time ReadTime(const std::string& text, absl::Time if_open) {
  if (text == "*") {
    return if_open;
  }
  if (const auto time = ParseTimestamp(text)) {
    return *time;
  }
  return ParseTimestamp(text + "T00:00:00Z").value_or(absl::InfiniteFuture());
}

}  // namespace

class LogQuery::Parser {
 public:
  explicit Parser(absl::string_view text) : text_(text) {}

  absl::StatusOr<Node> ParseAll() {
    ASSIGN_OR_RETURN(Node node, ParseOr(0));
    if (!Peek().empty()) {
      return Error("is not expected here");
    }
    return node;
  }

 private:
  absl::Status Error(absl::string_view what) {
    return absl::InvalidArgumentError(
        absl::StrCat("query: '", Peek().empty() ? "the end" : Peek(), "' ", what));
  }

  void SkipSpace() {
    while (at_ < text_.size() && absl::ascii_isspace(static_cast<unsigned char>(text_[at_]))) {
      ++at_;
    }
  }

  // The next token without taking it: a bracket, a quoted string with its quotes, or a word.
  absl::string_view Peek() {
    SkipSpace();
    if (at_ == text_.size()) {
      return {};
    }
    constexpr absl::string_view kBrackets = "()[]{}";
    std::size_t end = at_ + 1;
    if (text_[at_] == '"') {
      end = std::min(text_.find('"', at_ + 1), text_.size() - 1) + 1;
    } else if (kBrackets.find(text_[at_]) == absl::string_view::npos) {
      // A word ends with the colon after a field's name; later colons belong to a time.
      const bool field = !in_value_;
      while (end < text_.size() && kBrackets.find(text_[end]) == absl::string_view::npos &&
             text_[end] != '"' && !absl::ascii_isspace(static_cast<unsigned char>(text_[end])) &&
             !(field && text_[end - 1] == ':')) {
        ++end;
      }
    }
    return text_.substr(at_, end - at_);
  }

  absl::string_view Take() {
    const absl::string_view token = Peek();
    at_ += token.size();
    return token;
  }

  bool TakeIf(absl::string_view token) {
    if (Peek() != token) {
      return false;
    }
    Take();
    return true;
  }

  absl::StatusOr<Node> ParseOr(int depth) {
    Node node;
    node.kind = Kind::kOr;
    do {
      ASSIGN_OR_RETURN(Node child, ParseAnd(depth));
      node.children.push_back(std::move(child));
    } while (TakeIf("OR"));
    return node;
  }

  absl::StatusOr<Node> ParseAnd(int depth) {
    Node node;
    node.kind = Kind::kAnd;
    while (true) {
      ASSIGN_OR_RETURN(Node child, ParseTerm(depth));
      node.children.push_back(std::move(child));
      TakeIf("AND");
      const absl::string_view next = Peek();
      if (next.empty() || next == "OR" || next == ")") {
        return node;
      }
    }
  }

  absl::StatusOr<Node> ParseTerm(int depth) {
    if (depth > kMaxDepth) {
      return Error("is nested too deeply");
    }
    if (TakeIf("NOT")) {
      Node node;
      node.kind = Kind::kNot;
      ASSIGN_OR_RETURN(Node child, ParseTerm(depth + 1));
      node.children.push_back(std::move(child));
      return node;
    }
    if (TakeIf("(")) {
      ASSIGN_OR_RETURN(Node node, ParseOr(depth + 1));
      if (!TakeIf(")")) {
        return Error("where ) should be");
      }
      return node;
    }
    absl::string_view field = Peek();
    if (field.size() < 2 || field.back() != ':') {
      return Error("where a field and a colon should be");
    }
    Take();
    field.remove_suffix(1);
    in_value_ = true;
    absl::StatusOr<Node> value = ParseValue(std::string(field));
    in_value_ = false;
    return value;
  }

  absl::StatusOr<Node> ParseValue(const std::string& field) {
    if (TakeIf("(")) {
      Node any;
      any.kind = Kind::kOr;
      do {
        ASSIGN_OR_RETURN(Node value, ParseWord(field));
        any.children.push_back(std::move(value));
      } while (TakeIf("OR") || Peek() != ")");
      Take();
      return any;
    }
    const absl::string_view open = Peek();
    if (open != "[" && open != "{") {
      return ParseWord(field);
    }
    Take();
    Node range;
    range.kind = Kind::kRange;
    range.field = field;
    range.low_inclusive = open == "[";
    ASSIGN_OR_RETURN(range.low, Word());
    if (!TakeIf("TO")) {
      return Error("where TO should be");
    }
    ASSIGN_OR_RETURN(range.high, Word());
    const absl::string_view close = Take();
    range.high_inclusive = close == "]";
    range.low_time = ReadTime(range.low, absl::InfinitePast());
    range.high_time = ReadTime(range.high, absl::InfiniteFuture());
    if (close != "]" && close != "}") {
      return Error("after a range that is not closed");
    }
    return range;
  }

  absl::StatusOr<Node> ParseWord(const std::string& field) {
    Node node;
    node.kind = Kind::kEquals;
    node.field = field;
    ASSIGN_OR_RETURN(node.low, Word());
    node.low_time = ReadTime(node.low, absl::InfinitePast());
    return node;
  }

  absl::StatusOr<std::string> Word() {
    absl::string_view word = Peek();
    constexpr absl::string_view kBrackets = "()[]{}";
    if (word.empty() || kBrackets.find(word[0]) != absl::string_view::npos) {
      return Error("where a value should be");
    }
    Take();
    if (word[0] == '"') {
      if (word.size() < 2 || word.back() != '"') {
        return Error("after a quote that is not closed");
      }
      word = word.substr(1, word.size() - 2);
    }
    return std::string(word);
  }

  absl::string_view text_;
  std::size_t at_ = 0;
  bool in_value_ = false;
};

absl::StatusOr<LogQuery> LogQuery::Parse(absl::string_view text) {
  LogQuery query;
  if (!absl::StripAsciiWhitespace(text).empty()) {
    ASSIGN_OR_RETURN(query.root_, Parser(text).ParseAll());
  }
  return query;
}

bool LogQuery::Matches(const LogStore::Log& log) const { return Matches(root_, log); }

bool LogQuery::Matches(const Node& node, const LogStore::Log& log) {
  const auto child_matches = [&log](const Node& child) { return Matches(child, log); };
  switch (node.kind) {
    case Kind::kAll:
      return true;
    case Kind::kAnd:
      return std::all_of(node.children.begin(), node.children.end(), child_matches);
    case Kind::kOr:
      return std::any_of(node.children.begin(), node.children.end(), child_matches);
    case Kind::kNot:
      return !Matches(node.children.front(), log);
    case Kind::kEquals:
      return node.field == "date" ? log.date == node.low_time
                                  : FieldText(log, node.field) == node.low;
    case Kind::kRange:
      return InRange(node, log);
  }
  return false;
}

bool LogQuery::InRange(const Node& node, const LogStore::Log& log) {
  if (node.field == "date") {
    return (node.low_inclusive ? log.date >= node.low_time : log.date > node.low_time) &&
           (node.high_inclusive ? log.date <= node.high_time : log.date < node.high_time);
  }
  const std::string value = FieldText(log, node.field);
  const bool above = node.low == "*" || (node.low_inclusive ? value >= node.low : value > node.low);
  const bool below =
      node.high == "*" || (node.high_inclusive ? value <= node.high : value < node.high);
  return above && below;
}

}  // namespace logexport::sandbox
