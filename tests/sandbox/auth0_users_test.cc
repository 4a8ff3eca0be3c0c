#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/sandbox/auth0/user_directory.h"
#include "tests/sandbox/sandbox_client.h"

namespace logexport::sandbox {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

std::string Encode(absl::string_view text) {
  std::string out;
  for (const char c : text) {
    if (absl::ascii_isalnum(static_cast<unsigned char>(c))) {
      out.push_back(c);
    } else {
      absl::StrAppendFormat(&out, "%%%02X", static_cast<unsigned char>(c));
    }
  }
  return out;
}

std::vector<std::string> UserIdsIn(const std::string& list) {
  std::vector<std::string> ids;
  const JsonValue users = ParseJson(list);
  for (const JsonValue& user : users.items()) {
    ids.emplace_back(user["user_id"].String());
  }
  return ids;
}

TEST(Auth0UsersTest, AUserIsReadByItsPercentEncodedId) {
  const auto sandbox = StartSandbox();
  sandbox->AddLogs(R"({"log_id":"1","user_id":"samlp|a/b|x y+z@example.com"})");
  const HttpReply reply =
      GetApi(*sandbox, "users/" + Encode("samlp|a/b|x y+z@example.com"), Authorize(*sandbox));
  ASSERT_EQ(reply.status, 200) << reply.body;
  const JsonValue profile = ParseJson(reply.body);
  EXPECT_EQ(profile["user_id"].String(), "samlp|a/b|x y+z@example.com");
  EXPECT_TRUE(profile["user_metadata"].is_object());
  EXPECT_TRUE(profile["identities"].is_array());
  EXPECT_EQ(sandbox->stats().auth0.profiles_served, 1);
}

TEST(Auth0UsersTest, FieldsAreSelected) {
  const auto sandbox = StartSandbox();
  sandbox->AddLogs(R"({"log_id":"1","user_id":"auth0|1"})");
  const HttpHeaders token = Authorize(*sandbox);
  EXPECT_THAT(
      ParseJson(GetApi(*sandbox, "users/auth0%7C1?fields=user_id,email", token).body).members(),
      SizeIs(2));
  const JsonValue rest = ParseJson(
      GetApi(*sandbox, "users/auth0%7C1?fields=identities&include_fields=false", token).body);
  EXPECT_TRUE(rest["identities"].is_null());
  EXPECT_FALSE(rest["email"].is_null());
}

TEST(Auth0UsersTest, AnUnknownOrDeletedUserIs404) {
  const UserDirectory users(1, 100, 2);
  SandboxOptions options;
  options.users = 100;
  options.deleted_users_every = 2;
  const auto sandbox = StartSandbox(options);
  const HttpHeaders token = Authorize(*sandbox);
  EXPECT_EQ(GetApi(*sandbox, "users/" + Encode(users.at(0).id), token).status, 200);
  for (const std::string& id : {users.at(1).id, std::string("auth0|nobody")}) {
    const HttpReply reply = GetApi(*sandbox, "users/" + Encode(id), token);
    EXPECT_EQ(reply.status, 404);
    EXPECT_EQ(reply.body, R"({"statusCode":404,"error":"Not Found","message":"The user does not )"
                          R"(exist.","errorCode":"inexistent_user"})");
  }
  EXPECT_EQ(sandbox->stats().auth0.profiles_not_found, 2);
}

TEST(Auth0UsersTest, ManyUsersAreSearchedByIdAndUnknownOnesLeftOut) {
  const auto sandbox = StartSandbox();
  sandbox->AddLogs(
      "{\"log_id\":\"1\",\"user_id\":\"auth0|1\"}\n{\"log_id\":\"2\",\"user_id\":\"a\\\"b\"}");
  const HttpHeaders token = Authorize(*sandbox);
  const std::string search = "users?search_engine=v3&per_page=100&fields=user_id&q=";
  EXPECT_THAT(UserIdsIn(GetApi(*sandbox,
                               search + Encode(R"(user_id:("auth0|1" OR "gone" OR "a\"b"))"), token)
                            .body),
              UnorderedElementsAre("auth0|1", "a\"b"));
  EXPECT_THAT(UserIdsIn(GetApi(*sandbox, search + Encode(R"(user_id:"auth0|1")"), token).body),
              ElementsAre("auth0|1"));
  EXPECT_THAT(UserIdsIn(GetApi(*sandbox, search + Encode(R"(user_id:"gone")"), token).body),
              IsEmpty());
  EXPECT_EQ(sandbox->stats().endpoints[Endpoint::kUsersSearch].requests, 3);
}

TEST(Auth0UsersTest, ASearchItDoesNotUnderstandIs400) {
  const auto sandbox = StartSandbox();
  const HttpHeaders token = Authorize(*sandbox);
  for (const char* query : {"email:x", "user_id:(\"a\"", "user_id:\"a", "user_id:a", ""}) {
    EXPECT_EQ(GetApi(*sandbox, absl::StrCat("users?q=", Encode(query)), token).status, 400)
        << query;
  }
  EXPECT_EQ(GetApi(*sandbox, "users?search_engine=v2&q=" + Encode("user_id:\"a\""), token).status,
            400);
}

}  // namespace
}  // namespace logexport::sandbox
