#include "service/schedule/cron_description.h"

#include <array>
#include <bitset>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/time/time.h"

namespace logexport {
namespace {

constexpr std::size_t kMaxClockTimes = 6;

template <std::size_t kSize>
std::vector<int> Members(const std::bitset<kSize>& set) {
  std::vector<int> members;
  for (std::size_t i = 0; i < kSize; ++i) {
    if (set[i]) members.push_back(static_cast<int>(i));
  }
  return members;
}

// The step of a set that goes evenly round the clock (0, 5, 10 … 55), which can then be described
// as a rhythm. 0, 7, 14 … 56 is none: the last gap is shorter.
std::optional<int> EvenStep(const std::vector<int>& values, int size) {
  if (values.size() < 2 || size % static_cast<int>(values.size()) != 0) return std::nullopt;
  const int step = size / static_cast<int>(values.size());
  for (std::size_t i = 1; i < values.size(); ++i) {
    if (values[i] - values[i - 1] != step) return std::nullopt;
  }
  return step;
}

std::string JoinWords(const std::vector<std::string>& words) {
  if (words.size() == 1) return words[0];
  const std::vector<std::string> front(words.begin(), words.end() - 1);
  return absl::StrCat(absl::StrJoin(front, ", "), " and ", words.back());
}

// "1, 3 and 5 to 9": three or more neighbours become a range.
template <typename Name>
std::string JoinValues(const std::vector<int>& values, Name name) {
  std::vector<std::string> parts;
  for (std::size_t i = 0; i < values.size();) {
    std::size_t end = i;
    while (end + 1 < values.size() && values[end + 1] == values[end] + 1) ++end;
    if (end - i >= 2) {
      parts.push_back(absl::StrCat(name(values[i]), " to ", name(values[end])));
      i = end + 1;
    } else {
      parts.push_back(name(values[i]));
      ++i;
    }
  }
  return JoinWords(parts);
}

std::string Number(int value) { return absl::StrCat(value); }

std::string Plural(absl::string_view unit, const std::vector<int>& values) {
  return absl::StrCat(unit, values.size() == 1 ? " " : "s ", JoinValues(values, Number));
}

// "every 5 minutes" or "every 5 minutes from minute 2"; "every minute" for a step of 1.
std::string Rhythm(absl::string_view unit, int step, int first) {
  std::string text =
      step == 1 ? absl::StrCat("every ", unit) : absl::StrCat("every ", step, " ", unit, "s");
  if (first > 0) absl::StrAppend(&text, " from ", unit, " ", first);
  return text;
}

// "at 02:30 and 14:30", where that is short enough to be read.
std::optional<std::string> ClockTimes(const std::vector<int>& hours,
                                      const std::vector<int>& minutes,
                                      const std::vector<int>& seconds) {
  if (hours.size() * minutes.size() * seconds.size() > kMaxClockTimes) return std::nullopt;
  std::vector<std::string> times;
  for (const int hour : hours) {
    for (const int minute : minutes) {
      for (const int second : seconds) {
        times.push_back(second == 0 && seconds.size() == 1
                            ? absl::StrFormat("%02d:%02d", hour, minute)
                            : absl::StrFormat("%02d:%02d:%02d", hour, minute, second));
      }
    }
  }
  return absl::StrCat("at ", JoinWords(times));
}

// From the finest unit that goes round evenly to the coarsest: the first phrase gives the rhythm,
// the others restrict it.
std::string DescribeTimeOfDay(const CalendarRule& rule) {
  const std::vector<int> hours = Members(rule.hours);
  const std::vector<int> minutes = Members(rule.minutes);
  const std::vector<int> seconds = Members(rule.seconds);
  const std::optional<int> hour_step = EvenStep(hours, 24);
  if (!hour_step || (!rule.interval_like && hours.size() <= kMaxClockTimes)) {
    if (std::optional<std::string> times = ClockTimes(hours, minutes, seconds)) return *times;
  }
  const std::optional<int> second_step = EvenStep(seconds, 60);
  const std::optional<int> minute_step = EvenStep(minutes, 60);
  std::vector<std::string> phrases;
  if (second_step) {
    phrases.push_back(Rhythm("second", *second_step, seconds[0]));
    if (minute_step != 1) phrases.push_back(absl::StrCat("in ", Plural("minute", minutes)));
  } else if (minute_step) {
    phrases.push_back(Rhythm("minute", *minute_step, minutes[0]));
    phrases.push_back(absl::StrCat("at ", Plural("second", seconds)));
  } else if (hour_step) {
    phrases.push_back(Rhythm("hour", *hour_step, hours[0]));
    phrases.push_back(absl::StrCat("at ", Plural("minute", minutes)));
    if (seconds != std::vector<int>{0}) {
      phrases.push_back(absl::StrCat("at ", Plural("second", seconds)));
    }
    return absl::StrJoin(phrases, ", ");
  } else {
    phrases.push_back(absl::StrCat("at ", Plural("minute", minutes)));
    phrases.push_back(absl::StrCat("at ", Plural("second", seconds)));
  }
  if (hour_step != 1) phrases.push_back(absl::StrCat("in ", Plural("hour", hours)));
  return absl::StrJoin(phrases, ", ");
}

std::string MonthName(int month) {
  static constexpr std::array<const char*, 13> kNames = {
      "",     "January", "February",  "March",   "April",    "May",     "June",
      "July", "August",  "September", "October", "November", "December"};
  return kNames[static_cast<std::size_t>(month)];
}

std::string WeekdayName(int day) {
  static constexpr std::array<const char*, 7> kNames = {
      "Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"};
  return kNames[static_cast<std::size_t>(day)];
}

// Empty when every day is allowed.
std::string DescribeDays(const CalendarRule& rule) {
  const bool every_date = rule.days_of_month.count() == 31;
  const bool every_weekday = rule.days_of_week.all();
  const std::string dates =
      absl::StrCat(Plural("day", Members(rule.days_of_month)), " of the month");
  const std::string weekdays = JoinValues(Members(rule.days_of_week), WeekdayName);
  if (rule.either_day) {
    if (every_date || every_weekday) return "";
    return absl::StrCat("on ", dates, " or on ", weekdays);
  }
  if (every_date && every_weekday) return "";
  if (every_weekday) return absl::StrCat("on ", dates);
  if (every_date) return absl::StrCat("on ", weekdays);
  return absl::StrCat("on ", dates, " if it is ", weekdays);
}

std::string DescribeInterval(absl::Duration period) {
  struct Unit {
    absl::Duration length;
    absl::string_view name;
  };
  static constexpr std::array<Unit, 3> kUnits = {
      {{absl::Hours(1), "hour"}, {absl::Minutes(1), "minute"}, {absl::Seconds(1), "second"}}};
  for (const Unit& unit : kUnits) {
    if (period % unit.length == absl::ZeroDuration()) {
      const std::int64_t count = period / unit.length;
      return count == 1 ? absl::StrCat("every ", unit.name)
                        : absl::StrCat("every ", count, " ", unit.name, "s");
    }
  }
  return absl::StrCat("every ", absl::FormatDuration(period));
}

}  // namespace

std::string DescribeCron(const CronExpression& expression) {
  if (const auto* interval = std::get_if<IntervalRule>(&expression.rule)) {
    return DescribeInterval(interval->period);
  }
  const auto& rule = std::get<CalendarRule>(expression.rule);
  std::vector<std::string> phrases = {DescribeTimeOfDay(rule)};
  if (std::string days = DescribeDays(rule); !days.empty()) phrases.push_back(std::move(days));
  const std::vector<int> months = Members(rule.months);
  if (months.size() < 12) phrases.push_back(absl::StrCat("in ", JoinValues(months, MonthName)));
  return absl::StrJoin(phrases, ", ");
}

}  // namespace logexport
