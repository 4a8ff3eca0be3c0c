#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "service/base/hash.h"
#include "service/segment/privacy/log_redactor.h"
#include "tests/segment/mapping.h"

namespace logexport {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kKey[] = "secret key";

std::string Hash(absl::string_view text) { return HmacSha256(kKey).Hex(text); }
std::string Quoted(absl::string_view text) { return absl::StrCat("\"", text, "\""); }

MappingOptions With(std::vector<PrivacyRule> rules) {
  MappingOptions options;
  options.privacy.rules = std::move(rules);
  options.privacy.hash_key = kKey;
  options.privacy.hash_key_id = "k7";
  options.segment.details = DetailsForm::kObject;
  return options;
}

MappingOptions WithStandardPreset() {
  MappingOptions options = With({});
  options.privacy.standard_preset = true;
  return options;
}

std::string LogWith(absl::string_view members) {
  return absl::StrCat(R"({"log_id":"90020261123005102000001000000000000000000000000000000001",)",
                      R"("date":"2026-11-23T00:51:02.123Z","type":"s",)", members, "}");
}

TEST(PrivacyTest, DropsMasksAndHashes) {
  const std::string event = MapToEvent(
      LogWith(R"("user_id":"u1","hostname":"one.example","connection":"two","strategy":"three")"),
      With({{"hostname", PrivacyAction::kDrop},
            {"connection", PrivacyAction::kMask},
            {"strategy", PrivacyAction::kHash}}));
  EXPECT_EQ(At(event, "properties/hostname"), "");
  EXPECT_EQ(At(event, "properties/connection"), "\"*****\"");
  EXPECT_EQ(At(event, "properties/strategy"), Quoted(Hash("three")));
  EXPECT_EQ(At(event, "context/privacy_key_id"), "\"k7\"");
}

TEST(PrivacyTest, TheKeyIsNamedOnlyWhereThereIsAHash) {
  const std::string event =
      MapToEvent(LogWith(R"("user_id":"u1","ip":"192.0.2.1")"),
                 With({{"connection", PrivacyAction::kHash}, {"ip", PrivacyAction::kDrop}}));
  EXPECT_EQ(At(event, "context/privacy_key_id"), "");
  EXPECT_EQ(At(event, "context/ip"), "");
}

TEST(PrivacyTest, WithoutAKeyNothingIsHashedButMasked) {
  MappingOptions options = With({{"connection", PrivacyAction::kHash}});
  options.privacy.hash_key = "";
  const std::string event = MapToEvent(LogWith(R"("user_id":"u1","connection":"two")"), options);
  EXPECT_EQ(At(event, "properties/connection"), "\"*****\"");
}

TEST(PrivacyTest, RulesReachIntoDetailsAndEveryElementOfArrays) {
  const std::string event = MapToEvent(
      LogWith(R"("user_id":"u1","details":{"prompts":[{"who":"anna","n":1},{"who":"bert","n":2}],)"
              R"("list":["carl","dora"],"deep":{"a":{"x":"emil"},"b":{"x":"fred"},"c":"gina"}})"),
      With({{"details.prompts.who", PrivacyAction::kHash},
            {"details.list", PrivacyAction::kMask},
            {"details.deep.*.x", PrivacyAction::kDrop},
            {"details.no.such", PrivacyAction::kDrop}}));
  EXPECT_EQ(At(event, "properties/details"),
            absl::StrCat(R"({"prompts":[{"who":")", Hash("anna"), R"(","n":1},{"who":")",
                         Hash("bert"), R"(","n":2}],"list":["*****","*****"],)",
                         R"("deep":{"a":{},"b":{},"c":"gina"}})"));
}

TEST(PrivacyTest, ARuleForAnObjectCoversAllInIt) {
  const std::string event =
      MapToEvent(LogWith(R"("user_id":"u1","description":"by Pilar Osei",)"
                         R"("details":{"user":{"name":"Pilar Osei","n":7,"b":true,"z":null}})"),
                 With({{"details.user", PrivacyAction::kMask}}));
  EXPECT_EQ(At(event, "properties/details"),
            R"({"user":{"name":"*****","n":"*****","b":"*****","z":null}})");
  EXPECT_EQ(At(event, "properties/description"), "\"by *****\"");
}

TEST(PrivacyTest, OfSeveralRulesForAValueTheLastApplies) {
  const std::string event =
      MapToEvent(LogWith(R"("user_id":"u1","connection":"two","details":{"a":{"b":"xyz1"}})"),
                 With({{"connection", PrivacyAction::kDrop},
                       {"connection", PrivacyAction::kMask},
                       {"details.a", PrivacyAction::kMask},
                       {"details.a.b", PrivacyAction::kHash}}));
  EXPECT_EQ(At(event, "properties/connection"), "\"*****\"");
  EXPECT_EQ(At(event, "properties/details/a/b"), Quoted(Hash("xyz1")));
}

TEST(PrivacyTest, AnyRuleGoesBeforeThePreset) {
  MappingOptions options = WithStandardPreset();
  options.privacy.rules = {{"user_name", PrivacyAction::kDrop}};
  const std::string event =
      MapToEvent(LogWith(R"("user_id":"u1","user_name":"mara","nickname":"ml77")"), options);
  EXPECT_EQ(At(event, "properties/user_name"), "");
  EXPECT_EQ(At(event, "properties/nickname"), Quoted(Hash("ml77")));
}

TEST(PrivacyTest, ACoveredValueIsFoundWhereverElseItStands) {
  const std::string event =
      MapToEvent(LogWith(R"("user_id":"auth0|77","user_name":"mara@example.com",)"
                         R"("description":"User Mara@example.com is blocked",)"
                         R"("details":{"request":{"path":"/api/v2/users?q=mara%40example.com",)"
                         R"("body":"{\"email\":\"mara@example.com\"}"},"mara@example.com":1,)"
                         R"("to":["mara@example.com","other@example.com"]})"),
                 With({{"user_name", PrivacyAction::kHash}}));
  EXPECT_THAT(event, Not(HasSubstr("mara")));
  EXPECT_THAT(event, Not(HasSubstr("Mara")));
  const std::string hash = Hash("mara@example.com");
  EXPECT_EQ(At(event, "properties/description"), absl::StrCat("\"User ", hash, " is blocked\""));
  EXPECT_EQ(At(event, "properties/details/request/path"),
            absl::StrCat("\"/api/v2/users?q=", hash, "\""));
  EXPECT_EQ(At(event, "properties/details/to"),
            absl::StrCat("[\"", hash, R"(","other@example.com"])"));
  EXPECT_EQ(At(event, absl::StrCat("properties/details/", hash)), "1");
  EXPECT_EQ(At(event, "userId"), "\"auth0|77\"");
}

TEST(PrivacyTest, NamesOfFieldsStayWhateverSomebodyIsCalled) {
  constexpr char kFields[] =
      R"("isMobile":true,"$event_schema":{"version":"1.0.0"},)"
      R"("location_info":{"city_name":"Lund","country_code":"SE","nearest":"to city"},)"
      R"("auth0_client":{"name":"auth0.js","env":{"node":"20"}},)"
      R"("security_context":{"ja3":"e7d7"},"references":{"organization":{"name":"acme"}})";
  for (const absl::string_view name :
       {"city", "name", "mobile", "env", "version", "schema", "organization", "country_code"}) {
    const std::string event =
        MapToEvent(LogWith(absl::StrCat(R"("user_id":"u1","user_name":")", name, "\",", kFields,
                                        R"(,"details":{"for )", name, R"(":2})")),
                   WithStandardPreset());
    SCOPED_TRACE(name);
    EXPECT_EQ(At(event, "properties/is_mobile"), "true");
    EXPECT_EQ(At(event, "properties/event_schema/version"), "\"1.0.0\"");
    EXPECT_EQ(At(event, "properties/location_info/city_name"), "\"Lund\"");
    EXPECT_EQ(At(event, "context/location/city"), "\"Lund\"");
    EXPECT_EQ(At(event, "properties/auth0_client/name"), "\"auth0.js\"");
    EXPECT_EQ(At(event, "properties/auth0_client/env/node"), "\"20\"");
    EXPECT_EQ(At(event, "properties/security_context/ja3"), "\"e7d7\"");
    EXPECT_EQ(At(event, "properties/references/organization/name"), "\"acme\"");
    // Values in them are searched, and keys elsewhere.
    EXPECT_EQ(At(event, "properties/location_info/nearest"),
              name == "city" ? Quoted("to " + Hash("city")) : Quoted("to city"));
    EXPECT_EQ(At(event, "properties/details"), absl::StrCat(R"({"for )", Hash(name), R"(":2})"));
  }
}

TEST(PrivacyTest, KeysThatAreTheSameOnceMaskedAreKeptApart) {
  const std::string event =
      MapToEvent(LogWith(R"("user_id":"u","a":"anna1","b":"bert2","details":{"to anna1":1,)"
                         R"("to bert2":2,"to *****":3},"anna1":"x","bert2":"y")"),
                 With({{"a", PrivacyAction::kMask}, {"b", PrivacyAction::kMask}}));
  EXPECT_EQ(At(event, "properties/details"), R"({"to *****":1,"to ***** 2":2,"to ***** 3":3})");
}

TEST(PrivacyTest, ADroppedValueIsDroppedWhereItStandsAlone) {
  const std::string event = MapToEvent(
      LogWith(R"("user_id":"u1","user_name":"mara","details":{"who":"mara","all":["mara","bo"],)"
              R"("text":"for mara"})"),
      With({{"user_name", PrivacyAction::kDrop}}));
  EXPECT_EQ(At(event, "properties/details"), R"({"all":["bo"],"text":"for *****"})");
}

TEST(PrivacyTest, NumbersAreCoveredAsTheirDigits) {
  const std::string event = MapToEvent(
      LogWith(R"("user_id":"u1","description":"Call +15551234567 or 12",)"
              R"("details":{"phone":15551234567,"same":15551234567,"pin":12,"other":12})"),
      With({{"details.phone", PrivacyAction::kHash}, {"details.pin", PrivacyAction::kMask}}));
  EXPECT_EQ(At(event, "properties/details"),
            absl::StrCat(R"({"phone":")", Hash("15551234567"), R"(","same":")", Hash("15551234567"),
                         R"(","pin":"*****","other":12})"));
  EXPECT_EQ(At(event, "properties/description"),
            absl::StrCat("\"Call +", Hash("15551234567"), " or 12\""));
}

TEST(PrivacyTest, AHashedUserIdIsAStableUserId) {
  const MappingOptions options = With({{"user_id", PrivacyAction::kHash}});
  const std::string event = MapToEvent(
      LogWith(R"("user_id":"auth0|77","details":{"path":"/users/auth0%7C77"})"), options);
  EXPECT_EQ(At(event, "userId"), Quoted(Hash("auth0|77")));
  EXPECT_EQ(At(event, "properties/details/path"), Quoted("/users/" + Hash("auth0|77")));
  EXPECT_EQ(At(MapToEvent(LogWith(R"("user_id":"auth0|77")"), options), "userId"),
            Quoted(Hash("auth0|77")));
}

TEST(PrivacyTest, ATruthValueIsNoUserIdEvenIfHashed) {
  for (const MappingOptions& options :
       {WithStandardPreset(), With({{"user_id", PrivacyAction::kHash}})}) {
    const std::string event = MapToEvent(LogWith(R"("user_id":true,"client_id":"c9")"), options);
    EXPECT_EQ(At(event, "userId"), "");
    EXPECT_EQ(At(event, "anonymousId"), "\"auth0-client:c9\"");
  }
}

TEST(PrivacyTest, ADroppedOrMaskedUserIdLeavesTheAnonymousId) {
  for (const PrivacyAction action : {PrivacyAction::kDrop, PrivacyAction::kMask}) {
    const std::string event = MapToEvent(LogWith(R"("user_id":"auth0|77","client_id":"c9")"),
                                         With({{"user_id", action}}));
    EXPECT_EQ(At(event, "userId"), "");
    EXPECT_EQ(At(event, "anonymousId"), "\"auth0-client:c9\"");
    EXPECT_THAT(event, Not(HasSubstr("auth0|77")));
  }
  const std::string no_client =
      MapToEvent(LogWith(R"("client_id":"c9")"), With({{"client_id", PrivacyAction::kMask}}));
  EXPECT_EQ(At(no_client, "anonymousId"), "\"auth0-tenant:harbour.eu.auth0.com\"");
}

TEST(PrivacyTest, AnIdThatHoldsACoveredValueIsHashedAsAWhole) {
  const std::string members = R"("user_id":"samlp|corp|mara","user_name":"mara")";
  MappingOptions options = With({{"user_name", PrivacyAction::kMask}});
  EXPECT_EQ(At(MapToEvent(LogWith(members), options), "userId"), Quoted(Hash("samlp|corp|mara")));
  options.privacy.hash_key = "";
  EXPECT_EQ(At(MapToEvent(LogWith(members), options), "anonymousId"),
            "\"auth0-tenant:harbour.eu.auth0.com\"");
}

TEST(PrivacyTest, TheTenantsNameDoesNotLeaveByTheAnonymousId) {
  const std::string event = MapToEvent(LogWith(R"("tenant_name":"harbour")"),
                                       With({{"tenant_name", PrivacyAction::kDrop}}));
  EXPECT_EQ(At(event, "anonymousId"), "\"auth0-tenant:*****.eu.auth0.com\"");
}

TEST(PrivacyTest, DroppingDetailsDoesNotDropWhatOtherFieldsHold) {
  const std::string event = MapToEvent(
      LogWith(R"("user_id":"auth0|77","client_id":"client-9","connection":"Main","ip":"192.0.2.1",)"
              R"("description":"by Pilar Osei, get",)"
              R"("details":{"client_id":"client-9","user":"auth0|77","id":"77","c":"Main",)"
              R"("name":"Pilar Osei","method":"get"})"),
      With({{"details", PrivacyAction::kDrop}}));
  EXPECT_EQ(At(event, "properties/details"), "");
  EXPECT_EQ(At(event, "userId"), "\"auth0|77\"");
  EXPECT_EQ(At(event, "properties/client_id"), "\"client-9\"");
  EXPECT_EQ(At(event, "properties/connection"), "\"Main\"");
  EXPECT_EQ(At(event, "properties/description"), "\"by *****, get\"");
}

TEST(PrivacyTest, TypeDateAndIdAreExempt) {
  MappingOptions options = With({{"type", PrivacyAction::kDrop},
                                 {"date", PrivacyAction::kDrop},
                                 {"log_id", PrivacyAction::kDrop}});
  options.privacy.allow_only = {"connection"};
  const std::string event =
      MapToEvent(LogWith(R"("user_id":"u1","connection":"Main","strategy":"auth0")"), options);
  EXPECT_EQ(At(event, "properties"),
            R"({"type":"s","log_id":"90020261123005102000001000000000000000000000000000000001",)"
            R"("category":"auth.login.success","level":1,"description":"","connection":"Main"})");
  EXPECT_EQ(At(event, "timestamp"), "\"2026-11-23T00:51:02.123Z\"");
}

TEST(PrivacyTest, ADateThatIsNoneIsNotExempt) {
  const std::string event = MapToEvent(
      R"({"log_id":"L1","type":"s","user_id":"u1","user_name":"mara","date":{"by":"mara"}})",
      With({{"user_name", PrivacyAction::kDrop}}));
  EXPECT_THAT(event, Not(HasSubstr("mara")));
}

TEST(PrivacyTest, AnAllowListLeavesOnlyWhatItNames) {
  MappingOptions options = With({});
  options.profile.enabled = true;
  options.privacy.allow_only = {"user_id", "description", "details.request.method", "details.list",
                                "profile.plan"};
  const std::string event = MapToEvent(
      LogWith(R"("user_id":"auth0|77","user_name":"mara","ip":"192.0.2.1","user_agent":"x",)"
              R"("description":"mara from 192.0.2.1","details":{"request":{"method":"get",)"
              R"("ip":"192.0.2.1"},"list":[{"a":1},2],"request2":1,"text":"t"})"),
      options, R"({"email":"mara@example.com","plan":"gold"})");
  EXPECT_EQ(At(event, "userId"), "\"auth0|77\"");
  EXPECT_EQ(At(event, "context/traits"), R"({"plan":"gold"})");
  EXPECT_EQ(At(event, "context/ip"), "");
  EXPECT_EQ(At(event, "context/userAgent"), "");
  EXPECT_EQ(At(event, "properties/details"), R"({"request":{"method":"get"},"list":[{"a":1},2]})");
  EXPECT_EQ(At(event, "properties/description"), "\"***** from *****\"");
}

TEST(PrivacyTest, ARuleAppliesWithinTheAllowList) {
  MappingOptions options = With({{"connection", PrivacyAction::kHash}});
  options.privacy.allow_only = {"connection"};
  const std::string event = MapToEvent(LogWith(R"("user_id":"u1","connection":"Main")"), options);
  EXPECT_EQ(At(event, "properties/connection"), Quoted(Hash("Main")));
}

TEST(PrivacyTest, ThePresetCoversPeopleAndCredentials) {
  const std::string event = MapToEvent(
      LogWith(
          R"("user_id":"auth0|77","user_name":"mara","ip":"192.0.2.1","client_ip":"192.0.2.2",)"
          R"("client_name":"Shop","description":"mara (bo@example.org) from 192.0.2.1",)"
          R"("details":{"email":"mara@example.com","phoneNumber":"+4670000","password":"*****",)"
          R"("newPassword":"hunter22","name":"settings","user":{"name":"Mara L","given_name":"Mara"},)"
          R"("code":"abc","error":{"code":"invalid"},"refresh_token":{"rotation":"on"},)"
          R"("query":{"access_token":"tok-1","code":"xyz-1","state":"st"},)"
          R"("address":{"street":"Main St 1","no":100000},"link":"https://x.example/?t=1"})"),
      WithStandardPreset());
  EXPECT_EQ(At(event, "userId"), Quoted(Hash("auth0|77")));
  EXPECT_EQ(At(event, "properties/user_name"), Quoted(Hash("mara")));
  EXPECT_EQ(At(event, "properties/ip"), Quoted(Hash("192.0.2.1")));
  EXPECT_EQ(At(event, "properties/client_ip"), Quoted(Hash("192.0.2.2")));
  EXPECT_EQ(At(event, "properties/client_name"), "\"Shop\"");
  EXPECT_EQ(At(event, "properties/description"),
            absl::StrCat("\"", Hash("mara"), " (", Hash("bo@example.org"), ") from ",
                         Hash("192.0.2.1"), "\""));
  EXPECT_EQ(At(event, "context/ip"), "");
  EXPECT_EQ(At(event, "properties/details"),
            absl::StrCat(R"({"email":")", Hash("mara@example.com"), R"(","phoneNumber":")",
                         Hash("+4670000"), R"(","name":"settings","user":{"name":")",
                         Hash("Mara L"), R"(","given_name":")", Hash("Mara"),
                         R"("},"error":{"code":"invalid"},"refresh_token":{"rotation":"on"},)",
                         R"("query":{"state":"st"},"address":{"street":")", Hash("Main St 1"),
                         R"(","no":")", Hash("100000"), R"("}})"));
}

TEST(PrivacyTest, AnAddressHasOneHashWhereverItStands) {
  const std::string hash = Hash("Bo.Li@Example.org");
  EXPECT_EQ(At(MapToEvent(LogWith(R"("user_id":"u1","user_name":"Bo.Li@Example.org")"),
                          WithStandardPreset()),
               "properties/user_name"),
            Quoted(hash));
  EXPECT_EQ(At(MapToEvent(LogWith(R"("user_id":"u1","description":"to Bo.Li%40Example.org")"),
                          WithStandardPreset()),
               "properties/description"),
            Quoted("to " + hash));
}

TEST(PrivacyTest, ThePresetCoversProfiles) {
  MappingOptions options = WithStandardPreset();
  options.profile.enabled = true;
  const std::string event =
      MapToEvent(LogWith(R"("user_id":"auth0|77","description":"Hi Mara Lind")"), options,
                 R"({"user_id":"auth0|77","email":"mara@example.com","name":"Mara Lind",)"
                 R"("picture":"https://p.example/1.png","logins_count":7})");
  EXPECT_EQ(
      At(event, "context/traits"),
      absl::StrCat(R"({"email":")", Hash("mara@example.com"), R"(","name":")", Hash("Mara Lind"),
                   R"(","avatar":")", Hash("https://p.example/1.png"), R"(","logins_count":7})"));
  EXPECT_EQ(At(event, "properties/description"), Quoted("Hi " + Hash("Mara Lind")));
}

TEST(PrivacyTest, ThePresetCoversTheIdsOfOtherUsers) {
  const std::string hash = Hash("auth0|6740F1c2");
  for (const absl::string_view user : {R"("user_id":"google-oauth2|1",)", R"("user_id":"",)", ""}) {
    const std::string event = MapToEvent(
        LogWith(absl::StrCat(user, R"("client_id":"c9","details":{"request":{)",
                             R"("path":"/api/v2/users/auth0%7C6740F1c2/roles","body":{)",
                             R"("members":["auth0|6740F1c2"],"users":["auth0|6740F1c2"],)",
                             R"("auth0|6740F1c2":1}},"response":{"body":{}}})")),
        WithStandardPreset());
    EXPECT_EQ(At(event, "properties/details"),
              absl::StrCat(R"({"request":{"path":"/api/v2/users/)", hash, R"(/roles","body":{)",
                           R"("members":[")", hash, R"("],"users":[")", hash, R"("],")", hash,
                           R"(":1}},"response":{"body":{}}})"));
  }
  const std::string own =
      MapToEvent(LogWith(R"("user_id":"auth0|6740F1c2")"), WithStandardPreset());
  EXPECT_EQ(At(own, "userId"), Quoted(hash));
}

TEST(PrivacyTest, ProfileRulesCoverTheEventsOfTheExtension) {
  MappingOptions options = With({{"profile.email", PrivacyAction::kHash},
                                 {"profile.user_metadata.secret", PrivacyAction::kDrop}});
  options.segment.mapping = MappingKind::kExtension;
  const std::string event =
      MapToEvent(LogWith(R"("user_id":"auth0|77")"), options,
                 R"({"email":"mara@example.com","user_metadata":{"secret":"s3cr3t","plan":"a"},)"
                 R"("app_metadata":{"copy":"s3cr3t"}})");
  EXPECT_EQ(At(event, "properties"),
            absl::StrCat(R"({"plan":"a","email":")", Hash("mara@example.com"), R"("})"));
}

TEST(PrivacyTest, WhatIsTooDeepToBeLookedIntoIsRemoved) {
  const std::string deep = absl::StrCat(std::string(150, '['), "\"mara\"", std::string(150, ']'));
  const std::string event =
      MapToEvent(LogWith(absl::StrCat(
                     R"("user_id":"u1","user_name":"mara","details":{"a":1,"deep":)", deep, "}")),
                 With({{"user_name", PrivacyAction::kMask}}));
  EXPECT_THAT(event, Not(HasSubstr("mara")));
  EXPECT_EQ(At(event, "properties/details/a"), "1");
}

TEST(PrivacyTest, EmptyAndAlreadyMaskedValuesStayAsTheyAre) {
  const std::string event = MapToEvent(
      LogWith(R"("user_id":"u1","user_name":"","description":"***** for *",)"
              R"("details":{"password":"*****"})"),
      With({{"user_name", PrivacyAction::kHash}, {"details.password", PrivacyAction::kDrop}}));
  EXPECT_EQ(At(event, "properties/user_name"), "\"\"");
  EXPECT_EQ(At(event, "properties/description"), "\"***** for *\"");
}

}  // namespace
}  // namespace logexport
