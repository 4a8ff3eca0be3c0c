#include "service/schedule/cron_field.h"

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace logexport {
namespace {

constexpr std::size_t kQuotedLength = 40;

struct FieldTraits {
  absl::string_view name;
  int min;
  int max;
  absl::string_view allowed;
};

const FieldTraits& Traits(CronFieldKind kind) {
  static constexpr std::array<FieldTraits, 6> kTraits = {{
      {"second", 0, 59, "0-59"},
      {"minute", 0, 59, "0-59"},
      {"hour", 0, 23, "0-23"},
      {"day of month", 1, 31, "1-31"},
      {"month", 1, 12, "1-12 or JAN-DEC"},
      {"day of week", 0, 7, "0-7 or SUN-SAT, where 0 and 7 are Sunday"},
  }};
  return kTraits[static_cast<std::size_t>(kind)];
}

std::optional<int> ValueOfName(CronFieldKind kind, absl::string_view name) {
  static constexpr std::array<absl::string_view, 12> kMonths = {
      "JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"};
  static constexpr std::array<absl::string_view, 7> kDays = {"SUN", "MON", "TUE", "WED",
                                                             "THU", "FRI", "SAT"};
  if (kind == CronFieldKind::kMonth) {
    for (std::size_t i = 0; i < kMonths.size(); ++i) {
      if (absl::EqualsIgnoreCase(name, kMonths[i])) return static_cast<int>(i) + 1;
    }
  } else if (kind == CronFieldKind::kDayOfWeek) {
    for (std::size_t i = 0; i < kDays.size(); ++i) {
      if (absl::EqualsIgnoreCase(name, kDays[i])) return static_cast<int>(i);
    }
  }
  return std::nullopt;
}

bool IsNumber(absl::string_view text) {
  if (text.empty()) return false;
  for (const char c : text) {
    if (!absl::ascii_isdigit(static_cast<unsigned char>(c))) return false;
  }
  return true;
}

class FieldParser {
 public:
  FieldParser(CronFieldKind kind, absl::string_view text, std::size_t column)
      : kind_(kind), traits_(Traits(kind)), text_(text), column_(column) {}

  absl::StatusOr<CronField> Parse() const {
    CronField field;
    field.starts_with_star = absl::StartsWith(text_, "*") || text_ == "?";
    for (const absl::string_view item : absl::StrSplit(text_, ',')) {
      absl::Status added = AddItem(item, field.values);
      if (!added.ok()) return added;
    }
    return field;
  }

 private:
  // An item is `*`, `a` or `a-b`, each with an optional `/step`.
  absl::Status AddItem(absl::string_view item, std::uint64_t& values) const {
    if (item.empty()) return Error(item, "a value is missing in the list");
    if (absl::Status supported = RefuseExtensions(item); !supported.ok()) return supported;

    const std::vector<absl::string_view> step_parts = absl::StrSplit(item, absl::MaxSplits('/', 1));
    const absl::string_view range = step_parts[0];
    const bool has_step = step_parts.size() == 2;
    int first = traits_.min;
    int last = LastOfWholeRange();
    if (range == "?") {
      if (kind_ != CronFieldKind::kDayOfMonth && kind_ != CronFieldKind::kDayOfWeek) {
        return Error(item, "'?' stands only in the day fields; write '*'");
      }
      if (text_ != "?") return Error(item, "'?' stands alone; write '*'");
    } else if (range != "*") {
      absl::Status bounds = ReadRange(item, range, has_step, first, last);
      if (!bounds.ok()) return bounds;
    }
    int step = 1;
    if (has_step) {
      absl::StatusOr<int> parsed = ReadStep(item, step_parts[1]);
      if (!parsed.ok()) return parsed.status();
      step = *parsed;
    }
    for (int value = first; value <= last; value += step) {
      const int bit = kind_ == CronFieldKind::kDayOfWeek ? value % 7 : value;
      values |= std::uint64_t{1} << bit;
    }
    return absl::OkStatus();
  }

  absl::Status RefuseExtensions(absl::string_view item) const {
    if (absl::StrContains(item, '#')) {
      return Error(item, "'#' (the n-th weekday of a month) is not supported");
    }
    const bool day = kind_ == CronFieldKind::kDayOfMonth || kind_ == CronFieldKind::kDayOfWeek;
    if (!day || ValueOfName(kind_, item).has_value()) return absl::OkStatus();
    const char end = absl::ascii_toupper(static_cast<unsigned char>(item.back()));
    const absl::string_view before = item.substr(0, item.size() - 1);
    const bool bare = before.empty() || IsNumber(before) ||
                      ValueOfName(kind_, before).has_value() || absl::EqualsIgnoreCase(before, "L");
    if ((end == 'L' && bare) || absl::StartsWithIgnoreCase(item, "L-")) {
      return Error(item, "'L' (the last day) is not supported");
    }
    if (end == 'W' && bare) return Error(item, "'W' (the nearest weekday) is not supported");
    return absl::OkStatus();
  }

  absl::Status ReadRange(absl::string_view item, absl::string_view range, bool has_step, int& first,
                         int& last) const {
    const std::vector<absl::string_view> ends = absl::StrSplit(range, absl::MaxSplits('-', 1));
    absl::StatusOr<int> from = ReadValue(item, ends[0]);
    if (!from.ok()) return from.status();
    first = *from;
    if (ends.size() == 1) {
      // `5/15` starts at 5 and goes on to the end of the field.
      last = has_step ? LastOfWholeRange() : first;
      if (first > last) last = first;
      return absl::OkStatus();
    }
    absl::StatusOr<int> to = ReadValue(item, ends[1]);
    if (!to.ok()) return to.status();
    last = *to;
    // Sunday ends a week as well as it starts one: FRI-SUN.
    if (kind_ == CronFieldKind::kDayOfWeek && last == 0 && first > 0) last = 7;
    if (first > last) {
      return Error(item,
                   "the range runs backwards; write it as a list of two ranges, each in ascending "
                   "order");
    }
    return absl::OkStatus();
  }

  absl::StatusOr<int> ReadValue(absl::string_view item, absl::string_view value) const {
    if (value.empty()) return Error(item, "a value is missing");
    if (const std::optional<int> named = ValueOfName(kind_, value)) return *named;
    if (!IsNumber(value)) {
      return Error(item, absl::StrCat(QuoteForError(value), " is not a ", traits_.name));
    }
    int number = 0;
    if (!absl::SimpleAtoi(value, &number) || number < traits_.min || number > traits_.max) {
      return Error(item, absl::StrCat(QuoteForError(value), " is out of range"));
    }
    return number;
  }

  absl::StatusOr<int> ReadStep(absl::string_view item, absl::string_view text) const {
    if (text.empty()) return Error(item, "the step after '/' is missing");
    if (!IsNumber(text)) {
      return Error(item, absl::StrCat("the step ", QuoteForError(text), " is not a number"));
    }
    const int span = LastOfWholeRange() - traits_.min;
    int step = 0;
    if (!absl::SimpleAtoi(text, &step)) step = span + 1;
    if (step == 0) return Error(item, "the step must be at least 1");
    if (step > span) {
      return Error(
          item,
          absl::StrCat("the step ", QuoteForError(text), " does not fit the field, whose ",
                       "longest step is ", span,
                       "; a longer interval is written as '@every', for example '@every 90m'"));
    }
    return step;
  }

  // `*` among the weekdays is 0-6: counting 7 as well would make the step see Sunday twice.
  int LastOfWholeRange() const { return kind_ == CronFieldKind::kDayOfWeek ? 6 : traits_.max; }

  absl::Status Error(absl::string_view item, absl::string_view problem) const {
    const std::size_t column = column_ + static_cast<std::size_t>(item.data() - text_.data());
    return absl::InvalidArgumentError(absl::StrCat(QuoteForError(item), " at column ", column, ": ",
                                                   problem, "; allowed: ", traits_.allowed));
  }

  const CronFieldKind kind_;
  const FieldTraits& traits_;
  const absl::string_view text_;
  const std::size_t column_;
};

}  // namespace

absl::string_view CronFieldName(CronFieldKind kind) { return Traits(kind).name; }

absl::StatusOr<CronField> ParseCronField(CronFieldKind kind, absl::string_view text,
                                         std::size_t column) {
  return FieldParser(kind, text, column).Parse();
}

std::string QuoteForError(absl::string_view text) {
  const bool cut = text.size() > kQuotedLength;
  return absl::StrCat("\"", absl::CHexEscape(text.substr(0, kQuotedLength)), cut ? "..." : "",
                      "\"");
}

}  // namespace logexport
