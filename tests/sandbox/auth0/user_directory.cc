#include "tests/sandbox/auth0/user_directory.h"

#include <array>
#include <random>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

#include "service/json/json_writer.h"

namespace logexport::sandbox {
namespace {

constexpr std::array<absl::string_view, 20> kGivenNames = {
    "Ada",   "Björn",  "Chloé", "Dmitri", "Emma",   "Farid", "Grace", "Hiro", "Inés",  "Jan",
    "Keiko", "Łukasz", "Maria", "Noor",   "Olivia", "Pavel", "Quinn", "Rosa", "Søren", "美咲"};
constexpr std::array<absl::string_view, 20> kFamilyNames = {
    "Adeyemi", "Bauer",  "Costa",    "Dubois",   "Eriksson", "Fischer", "García",
    "Haddad",  "Ivanov", "Jones",    "Kowalski", "Lee",      "Müller",  "Nguyen",
    "O'Brien", "Patel",  "Quintero", "Rossi",    "Smith",    "山田"};

// A number drawn from `entropy`, which shrinks by it.
std::size_t Draw(std::uint64_t* entropy, std::size_t choices) {
  const std::size_t drawn = *entropy % choices;
  *entropy /= choices;
  return drawn;
}

}  // namespace

UserDirectory::UserDirectory(std::uint64_t seed, std::size_t count, std::size_t deleted_every) {
  std::mt19937_64 random(seed);
  users_.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    std::uint64_t entropy = random();
    User user;
    user.given_name = std::string(kGivenNames[Draw(&entropy, kGivenNames.size())]);
    user.family_name = std::string(kFamilyNames[Draw(&entropy, kFamilyNames.size())]);
    user.email = absl::StrCat("user", i, "@example.com");
    const std::uint64_t number = random();
    const std::size_t kind = Draw(&entropy, 20);
    if (kind < 14) {
      user.id = absl::StrFormat("auth0|%016x%08x", number, i);
      user.connection = "Username-Password-Authentication";
      user.strategy = "auth0";
    } else if (kind < 18) {
      user.id = absl::StrFormat("google-oauth2|1%011d%09d", number % 100'000'000'000, i);
      user.connection = "google-oauth2";
      user.strategy = "google-oauth2";
    } else if (kind < 19) {
      user.id = absl::StrCat("samlp|corp/sso|user", i, "+sso@example.com");
      user.connection = "corp/sso";
      user.strategy = "samlp";
    } else {
      user.id = absl::StrFormat("email|%016x%08x", number, i);
      user.connection = "email";
      user.strategy = "email";
    }
    user.deleted = deleted_every > 0 && (i + 1) % deleted_every == 0;
    Add(std::move(user));
  }
}

void UserDirectory::Add(User user) {
  by_id_[user.id] = users_.size();
  users_.push_back(std::move(user));
}

void UserDirectory::AddKnown(absl::string_view id) {
  if (by_id_.contains(id)) {
    return;
  }
  const std::size_t number = users_.size();
  User user;
  user.id = std::string(id);
  user.given_name = std::string(kGivenNames[number % kGivenNames.size()]);
  user.family_name = std::string(kFamilyNames[number % kFamilyNames.size()]);
  user.email = absl::StrCat("user", number, "@example.com");
  user.strategy = std::string(id.substr(0, id.find('|')));
  user.connection = user.strategy;
  Add(std::move(user));
}

std::string UserDirectory::Profile(absl::string_view id) const {
  const auto found = by_id_.find(id);
  if (found == by_id_.end() || users_[found->second].deleted) {
    return {};
  }
  const User& user = users_[found->second];
  const auto number = static_cast<std::int64_t>(found->second);
  const std::string day =
      absl::StrFormat("2024-%02d-%02dT08:00:00.000Z", 1 + number % 12, 1 + number % 28);
  JsonWriter json;
  json.BeginObject();
  json.Key("user_id").String(user.id);
  json.Key("email").String(user.email);
  json.Key("email_verified").Bool(number % 4 != 0);
  json.Key("name").String(absl::StrCat(user.given_name, " ", user.family_name));
  json.Key("nickname").String(absl::StrCat("user", number));
  json.Key("given_name").String(user.given_name);
  json.Key("family_name").String(user.family_name);
  json.Key("picture").String(absl::StrCat("https://cdn.example.com/avatars/", number, ".png"));
  json.Key("created_at").String(day);
  json.Key("updated_at").String(day);
  json.Key("last_login").String(day);
  json.Key("last_ip").String("192.0.2.1");
  json.Key("logins_count").Int(number % 100);
  // Attributes of identity providers stand at the root beside Auth0's own.
  if (user.strategy != "auth0") json.Key("locale").String(number % 2 == 0 ? "sv" : "de");
  if (user.strategy == "auth0") json.Key("last_password_reset").String(day);
  if (number % 7 == 0) json.Key("multifactor").BeginArray().String("guardian").EndArray();
  json.Key("blocked").Bool(false);
  json.Key("identities").BeginArray().BeginObject();
  json.Key("connection").String(user.connection);
  json.Key("provider").String(user.strategy);
  json.Key("user_id").String(absl::string_view(user.id).substr(user.id.find('|') + 1));
  json.Key("isSocial").Bool(user.strategy == "google-oauth2");
  // What must never leave the tenant.
  json.Key("access_token").String("sandbox-identity-provider-secret");
  json.EndObject().EndArray();
  json.Key("user_metadata").BeginObject();
  json.Key("plan").String(number % 3 == 0 ? "pro" : "starter");
  json.Key("newsletter").Bool(number % 2 == 0);
  json.EndObject();
  json.Key("app_metadata").BeginObject();
  json.Key("roles").BeginArray().String(number % 10 == 0 ? "admin" : "member").EndArray();
  json.Key("internal_note").String("not for export");
  json.EndObject();
  json.EndObject();
  return std::move(json).Take();
}

}  // namespace logexport::sandbox
