#include "tests/sandbox/auth0/log_generator.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/civil_time.h"

#include "service/base/quoted_text.h"

namespace logexport::sandbox {
namespace {

struct Application {
  absl::string_view id;
  absl::string_view name;
};
constexpr std::array<Application, 5> kApplications = {{
    {"Kx81sBq0vT6aPz3LwYd7UcHn2RfJgM4E", "Web Shop"},
    {"bN5tQe9WjXo2ZrC7uVkL1hSyAiD0pG8F", "Mobile App"},
    {"R3mPwZ6yTfU0xJ9dHqE2cLsKa7VbN1oG", "Partner Portal"},
    {"gY4vDkS8nB1eMzQ5rXtC0pLwJ6uHfA9i", "Back Office"},
    {"T7oVhXc2KqLr5JyWn9ZbE3sDgPm0aUfI", "Billing Service"},
}};

constexpr std::array<absl::string_view, 8> kLabels = {
    "Chrome 138.0.0 / Windows 10.0.0",
    "Mobile Safari 18.5.0 / iOS 18.5.0",
    "Chrome Mobile 137.0.0 / Android 15.0.0",
    "Firefox 140.0.0 / Ubuntu 0.0.0",
    "Safari 18.4.0 / Mac OS X 10.15.7",
    "Edge 138.0.0 / Windows 10.0.0",
    "Other 0.0.0 / Other 0.0.0",
    "unknown",
};

constexpr std::array<absl::string_view, 4> kBrowsers = {
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/138.0.0.0 Safari/537.36",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like "
    "Gecko) Version/18.5 Mobile/15E148 Safari/604.1",
    "Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
    "Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/137.0.0.0 Mobile Safari/537.36",
};

struct Place {
  absl::string_view code;
  absl::string_view code3;
  absl::string_view country;
  absl::string_view city;
  absl::string_view coordinates;
  absl::string_view zone;
  absl::string_view continent;
};
constexpr std::array<Place, 6> kPlaces = {{
    {"DE", "DEU", "Germany", "Köln", R"("latitude":50.9333,"longitude":6.95)", "Europe/Berlin",
     "EU"},
    {"US", "USA", "United States", "Denver", R"("latitude":39.7388,"longitude":-104.9868)",
     "America/Denver", "NA"},
    {"BR", "BRA", "Brazil", "São Paulo", R"("latitude":-23.5335,"longitude":-46.6359)",
     "America/Sao_Paulo", "SA"},
    {"JP", "JPN", "Japan", "Tokyo", R"("latitude":35.6893,"longitude":139.6899)", "Asia/Tokyo",
     "AS"},
    {"ZA", "ZAF", "South Africa", "Cape Town", R"("latitude":-33.9258,"longitude":18.4259)",
     "Africa/Johannesburg", "AF"},
    {"AU", "AUS", "Australia", "Perth", R"("latitude":-31.9474,"longitude":115.8648)",
     "Australia/Perth", "OC"},
}};

// Appends `value` in `width` digits.
void AppendPadded(std::uint64_t value, int width, std::string* out) {
  const std::size_t end = out->size() + static_cast<std::size_t>(width);
  out->resize(end);
  for (int i = 1; i <= width; ++i) {
    (*out)[end - static_cast<std::size_t>(i)] = static_cast<char>('0' + value % 10);
    value /= 10;
  }
}

void AppendDateTime(absl::Time time, absl::string_view separators, std::string* out) {
  const absl::CivilSecond civil = absl::ToCivilSecond(time, absl::UTCTimeZone());
  const std::uint64_t fields[] = {
      static_cast<std::uint64_t>(civil.year()),   static_cast<std::uint64_t>(civil.month()),
      static_cast<std::uint64_t>(civil.day()),    static_cast<std::uint64_t>(civil.hour()),
      static_cast<std::uint64_t>(civil.minute()), static_cast<std::uint64_t>(civil.second())};
  for (std::size_t i = 0; i < std::size(fields); ++i) {
    AppendPadded(fields[i], i == 0 ? 4 : 2, out);
    if (i < separators.size()) {
      out->push_back(separators[i]);
    }
  }
}

void AppendPercentEncoded(absl::string_view text, std::string* out) {
  for (const char c : text) {
    if (absl::ascii_isalnum(static_cast<unsigned char>(c)) ||
        absl::string_view("-._~").find(c) != absl::string_view::npos) {
      out->push_back(c);
    } else {
      absl::StrAppendFormat(out, "%%%02X", static_cast<unsigned char>(c));
    }
  }
}

}  // namespace

struct LogGenerator::Values {
  const UserDirectory::User& user;
  const Application& application;
  std::uint64_t entropy;
  std::size_t place;
  absl::Time ingested;
  absl::Time date;
};

LogGenerator::LogGenerator(const Options& options, const UserDirectory& users, LogStore* store)
    : options_(options),
      users_(users),
      store_(store),
      templates_(StandardLogTemplates()),
      random_(options.seed) {
  for (const LogTemplate& form : templates_) {
    (form.odd ? odd_weight_ : plain_weight_) += static_cast<std::size_t>(form.weight);
  }
}

// SplitMix64: the same numbers everywhere, at a few cycles each.
std::uint64_t LogGenerator::NextRandom() {
  std::uint64_t z = (random_ += 0x9e3779b97f4a7c15);
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return z ^ (z >> 31);
}

const LogTemplate& LogGenerator::DrawTemplate() {
  const bool odd = DrawUnit() < options_.odd_rate;
  std::size_t left = Draw(odd ? odd_weight_ : plain_weight_);
  for (const LogTemplate& form : templates_) {
    if (form.odd != odd) {
      continue;
    }
    const auto weight = static_cast<std::size_t>(form.weight);
    if (left < weight) {
      return form;
    }
    left -= weight;
  }
  return templates_.front();
}

void LogGenerator::AppendDigits(std::size_t count) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::uint64_t bits = 0;
  for (std::size_t i = 0; i < count; ++i) {
    bits = i % 16 == 0 ? NextRandom() : bits >> 4;
    buffer_.push_back(kDigits[bits & 15]);
  }
}

void LogGenerator::Append(Slot slot, const Values& values) {
  constexpr char kAlphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  const std::int64_t millis = absl::ToUnixMillis(values.date);
  switch (slot) {
    case Slot::kNone:
      break;
    case Slot::kId:
      buffer_.append("900");
      AppendDateTime(values.ingested, "", &buffer_);
      AppendPadded(static_cast<std::uint64_t>(absl::ToUnixMicros(values.ingested) % 1'000'000), 6,
                   &buffer_);
      buffer_.append("000000000000001223372");
      AppendPadded(sequence_, 12, &buffer_);
      break;
    case Slot::kDate:
      AppendDateTime(values.date, "--T::.", &buffer_);
      AppendPadded(static_cast<std::uint64_t>(millis % 1000), 3, &buffer_);
      buffer_.push_back('Z');
      break;
    case Slot::kIp:
      absl::StrAppend(&buffer_, "203.0.113.", 1 + values.entropy % 254);
      break;
    case Slot::kUserAgent:
      absl::StrAppend(&buffer_, kLabels[values.entropy % kLabels.size()]);
      break;
    case Slot::kRawUserAgent:
      absl::StrAppend(&buffer_, kBrowsers[values.entropy % kBrowsers.size()]);
      break;
    case Slot::kClientId:
      absl::StrAppend(&buffer_, values.application.id);
      break;
    case Slot::kClientName:
      absl::StrAppend(&buffer_, values.application.name);
      break;
    case Slot::kUserId:
      AppendJsonEscaped(values.user.id, &buffer_);
      break;
    case Slot::kUserIdInPath:
      AppendPercentEncoded(values.user.id, &buffer_);
      break;
    case Slot::kUserName:
      AppendJsonEscaped(values.user.email, &buffer_);
      break;
    case Slot::kFullName:
      AppendJsonEscaped(values.user.given_name, &buffer_);
      buffer_.push_back(' ');
      AppendJsonEscaped(values.user.family_name, &buffer_);
      break;
    case Slot::kConnection:
      AppendJsonEscaped(values.user.connection, &buffer_);
      break;
    case Slot::kConnectionId:
      absl::StrAppend(&buffer_, "con_", values.application.id.substr(0, 16));
      break;
    case Slot::kStrategy:
      absl::StrAppend(&buffer_, values.user.strategy);
      break;
    case Slot::kStrategyType:
      buffer_.append(values.user.strategy == "auth0"           ? "database"
                     : values.user.strategy == "google-oauth2" ? "social"
                     : values.user.strategy == "samlp"         ? "enterprise"
                                                               : "passwordless");
      break;
    case Slot::kCountry: {
      const Place& place = kPlaces[values.place];
      absl::StrAppend(&buffer_, R"("location_info":{"country_code":")", place.code,
                      R"(","country_code3":")", place.code3, R"(","country_name":")", place.country,
                      R"(","city_name":")", place.city, R"(",)", place.coordinates,
                      R"(,"time_zone":")");
      absl::StrAppend(&buffer_, place.zone, R"(","continent_code":")", place.continent, R"("},)");
      break;
    }
    case Slot::kHex:
      AppendDigits(24);
      break;
    case Slot::kToken:
      for (int i = 0; i < 4; ++i) {
        std::uint64_t bits = NextRandom();
        for (int j = 0; j < 8; ++j, bits >>= 6) {
          buffer_.push_back(kAlphabet[bits & 63]);
        }
      }
      break;
    case Slot::kMillis:
      absl::StrAppend(&buffer_, millis);
      break;
    case Slot::kMillisBefore:
      absl::StrAppend(&buffer_, millis - 1 - static_cast<std::int64_t>(Draw(9000)));
      break;
    case Slot::kSmall:
      absl::StrAppend(&buffer_, 1 + Draw(99));
      break;
    case Slot::kBig:
      absl::StrAppend(&buffer_, 9'007'199'254'740'993 + Draw(1'000'000'000));
      break;
  }
}

void LogGenerator::Add(absl::Time time) {
  const LogTemplate& form = DrawTemplate();
  // The square gives few users many logs, and many users few.
  const double share = DrawUnit();
  const auto user = static_cast<std::size_t>(share * share * static_cast<double>(users_.size()));
  const double delay = 0.01 + 5.39 * std::pow(DrawUnit(), 0.66);
  const Values values = {users_.at(std::min(user, users_.size() - 1)),
                         kApplications[Draw(kApplications.size())],
                         NextRandom(),
                         user % kPlaces.size(),
                         time,
                         time - absl::Seconds(delay)};
  buffer_.clear();
  std::size_t id_offset = 0;
  for (const auto& [literal, slot] : form.pieces) {
    buffer_.append(literal);
    if (slot == Slot::kId) {
      id_offset = buffer_.size();
    }
    Append(slot, values);
  }
  constexpr std::size_t kIdSize = 56;
  // Without late logs nothing is drawn for them: a seed makes the logs that it always made.
  if (options_.late_rate > 0 && DrawUnit() < options_.late_rate) {
    const absl::string_view id = absl::string_view(buffer_).substr(id_offset, kIdSize);
    store_->AddHidden(buffer_, id, form.type, values.date, time + DrawUnit() * options_.late_by);
  } else {
    store_->AddWithIdInside(buffer_, id_offset, kIdSize, form.type, values.date);
  }
  ++sequence_;
}

void LogGenerator::AddMany(std::size_t count, absl::Time start, absl::Duration span) {
  const double step = absl::ToDoubleSeconds(span) / static_cast<double>(count);
  for (std::size_t i = 0; i < count; ++i) {
    Add(start + absl::Seconds((static_cast<double>(i) + DrawUnit()) * step));
  }
}

}  // namespace logexport::sandbox
