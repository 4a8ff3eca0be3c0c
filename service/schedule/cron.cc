#include "service/schedule/cron.h"

#include <array>
#include <cstddef>
#include <optional>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

#include "service/base/duration_text.h"
#include "service/schedule/cron_field.h"

namespace logexport {
namespace {

constexpr std::size_t kMaxLength = 256;
constexpr absl::Duration kMaxInterval = absl::Hours(24 * 366);

constexpr std::array<CronFieldKind, 6> kFieldOrder = {
    CronFieldKind::kSecond,     CronFieldKind::kMinute, CronFieldKind::kHour,
    CronFieldKind::kDayOfMonth, CronFieldKind::kMonth,  CronFieldKind::kDayOfWeek};

struct Word {
  absl::string_view text;
  std::size_t column;  // from 1
};

std::vector<Word> SplitWords(absl::string_view text) {
  std::vector<Word> words;
  std::size_t i = 0;
  while (i < text.size()) {
    if (absl::ascii_isspace(static_cast<unsigned char>(text[i]))) {
      ++i;
      continue;
    }
    const std::size_t start = i;
    while (i < text.size() && !absl::ascii_isspace(static_cast<unsigned char>(text[i]))) ++i;
    words.push_back({text.substr(start, i - start), start + 1});
  }
  return words;
}

absl::Status Error(absl::string_view text, absl::string_view problem) {
  return absl::InvalidArgumentError(
      absl::StrCat("cron expression ", QuoteForError(text), ": ", problem));
}

absl::StatusOr<IntervalRule> ParseInterval(absl::string_view text, const std::vector<Word>& words) {
  if (words.size() != 2) {
    return Error(text, "'@every' takes one duration, for example '@every 5m'");
  }
  const absl::string_view duration = words[1].text;
  const std::optional<absl::Duration> period = ParseDurationText(absl::StripPrefix(duration, "-"));
  if (!period.has_value()) {
    return Error(text, absl::StrCat(QuoteForError(duration), " at column ", words[1].column,
                                    " is not a duration; write it with its unit as in 5m, 90s, ",
                                    "1h30m or 1d"));
  }
  const IntervalRule rule{*period};
  if (absl::StartsWith(duration, "-") || rule.period < absl::Seconds(1) ||
      rule.period > kMaxInterval || rule.period % absl::Seconds(1) != absl::ZeroDuration()) {
    return Error(text, absl::StrCat(QuoteForError(duration), " at column ", words[1].column,
                                    " must be whole seconds, at least 1s and at most ",
                                    FormatDurationText(kMaxInterval)));
  }
  return rule;
}

// Which five or six fields a macro stands for; empty if there is no such macro.
absl::string_view MacroFields(absl::string_view macro) {
  struct Macro {
    absl::string_view name;
    absl::string_view fields;
  };
  static constexpr std::array<Macro, 7> kMacros = {{{"@hourly", "0 * * * *"},
                                                    {"@daily", "0 0 * * *"},
                                                    {"@midnight", "0 0 * * *"},
                                                    {"@weekly", "0 0 * * 0"},
                                                    {"@monthly", "0 0 1 * *"},
                                                    {"@yearly", "0 0 1 1 *"},
                                                    {"@annually", "0 0 1 1 *"}}};
  for (const Macro& known : kMacros) {
    if (absl::EqualsIgnoreCase(macro, known.name)) return known.fields;
  }
  return "";
}

// The macro whose @ was left out, as in "hourly" or "every 5m", or of which only the duration was
// written; empty if there is none.
std::string MeantMacro(const std::vector<Word>& words) {
  if (words.empty() || words.size() > 2) return "";
  const absl::string_view last = words.back().text;
  if (ParseDurationText(last).has_value() &&
      (words.size() == 1 || absl::EqualsIgnoreCase(words[0].text, "every"))) {
    return absl::StrCat("@every ", last);
  }
  const std::string macro = absl::StrCat("@", absl::AsciiStrToLower(last));
  return words.size() == 1 && !MacroFields(macro).empty() ? macro : "";
}

// Over the Gregorian calendar's 400 years every date falls on every weekday, so only a day that
// none of the allowed months has makes a rule impossible.
bool CanFire(const CalendarRule& rule) {
  if (rule.either_day) return true;
  static constexpr std::array<std::size_t, 13> kLongest = {0,  31, 29, 31, 30, 31, 30,
                                                           31, 31, 30, 31, 30, 31};
  for (std::size_t month = 1; month < kLongest.size(); ++month) {
    if (!rule.months[month]) continue;
    for (std::size_t day = 1; day <= kLongest[month]; ++day) {
      if (rule.days_of_month[day]) return true;
    }
  }
  return false;
}

absl::StatusOr<CalendarRule> ParseFields(absl::string_view text, const std::vector<Word>& words) {
  if (words.size() == 7) {
    return Error(text, "has 7 fields, but there is no field for the year; leave the last one out");
  }
  if (words.size() != 5 && words.size() != 6) {
    const std::string meant = MeantMacro(words);
    if (!meant.empty()) return Error(text, absl::StrCat("did you mean '", meant, "'?"));
    return Error(text, absl::StrCat("has ", words.size(), words.size() == 1 ? " field" : " fields",
                                    "; write 5 (minute hour day-of-month month day-of-week), or 6 ",
                                    "with the second in front, for example '*/5 * * * *'"));
  }
  std::array<CronField, kFieldOrder.size()> fields;
  const std::size_t missing = kFieldOrder.size() - words.size();
  fields[0].values = 1;  // second 0, unless the six-field form says otherwise
  for (std::size_t i = 0; i < words.size(); ++i) {
    const CronFieldKind kind = kFieldOrder[i + missing];
    absl::StatusOr<CronField> field = ParseCronField(kind, words[i].text, words[i].column);
    if (!field.ok()) {
      return Error(text, absl::StrCat(CronFieldName(kind), " (field ", i + 1, " of ", words.size(),
                                      ") ", field.status().message()));
    }
    fields[i + missing] = *field;
  }
  CalendarRule rule;
  rule.seconds = fields[0].values;
  rule.minutes = fields[1].values;
  rule.hours = fields[2].values;
  rule.days_of_month = fields[3].values;
  rule.months = fields[4].values;
  rule.days_of_week = fields[5].values;
  rule.either_day = !fields[3].starts_with_star && !fields[5].starts_with_star;
  rule.interval_like = fields[2].starts_with_star;
  if (!CanFire(rule)) {
    return Error(text, "never fires: none of its months has any of its days");
  }
  return rule;
}

}  // namespace

absl::StatusOr<CronExpression> ParseCron(absl::string_view text) {
  text = absl::StripAsciiWhitespace(text);
  if (text.empty()) {
    return absl::InvalidArgumentError(
        "cron expression is empty; write one such as '*/5 * * * *' (every 5 minutes) or '@hourly'");
  }
  if (text.size() > kMaxLength) {
    return Error(text, absl::StrCat("is ", text.size(), " characters long; at most ", kMaxLength,
                                    " are read"));
  }
  const std::vector<Word> words = SplitWords(text);
  CronExpression expression;
  expression.text = std::string(text);
  if (!absl::StartsWith(text, "@")) {
    absl::StatusOr<CalendarRule> rule = ParseFields(text, words);
    if (!rule.ok()) return rule.status();
    expression.rule = *rule;
    return expression;
  }
  if (absl::EqualsIgnoreCase(words[0].text, "@every")) {
    absl::StatusOr<IntervalRule> rule = ParseInterval(text, words);
    if (!rule.ok()) return rule.status();
    expression.rule = *rule;
    return expression;
  }
  const absl::string_view fields = words.size() == 1 ? MacroFields(words[0].text) : "";
  if (fields.empty()) {
    return Error(text,
                 absl::StrCat("there is no macro ", QuoteForError(text), "; allowed: @hourly, ",
                              "@daily, @midnight, @weekly, @monthly, @yearly, @annually, ",
                              "@every DURATION"));
  }
  absl::StatusOr<CalendarRule> rule = ParseFields(text, SplitWords(fields));
  if (!rule.ok()) return rule.status();
  expression.rule = *rule;
  return expression;
}

}  // namespace logexport
