#ifndef LOGEXPORT_TESTS_AUTH0_PROFILE_FIXTURE_H_
#define LOGEXPORT_TESTS_AUTH0_PROFILE_FIXTURE_H_

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "service/auth0/profile_source.h"
#include "service/http/url.h"
#include "tests/auth0/tenant.h"
#include "tests/support/fake_clock.h"
#include "tests/support/scripted_transport.h"

namespace logexport {

// A tenant's users, answering searches and reads as Auth0 does: users that are not indexed
// are read but not found by a search.
class Users {
 public:
  explicit Users(ScriptedTransport* http) : http_(http) {
    http->AnswerWith(HttpMethod::kGet, testing::HasSubstr("/api/v2/users?"),
                     [this](const HttpRequest& request) { return Search(request.url); });
    http->AnswerWith(HttpMethod::kGet, testing::HasSubstr("/api/v2/users/"),
                     [this](const HttpRequest& request) { return Read(request.url); });
  }
  void Add(const std::string& id, bool indexed = true) {
    users_[id] = absl::StrCat(R"({"user_id":")", id, R"(","email":")", id,
                              R"(@example.com","logins_count":12345678901234567890,)",
                              R"("app_metadata":{"plan":"gold"}})");
    if (indexed) index_[id] = users_[id];
  }
  // Gives the user another address, of which the search does not know yet.
  void Change(const std::string& id, absl::string_view email) {
    users_[id] = absl::StrCat(R"({"user_id":")", id, R"(","email":")", email, "\"}");
  }
  void RefuseReads() { refuse_reads_ = true; }
  void Reindex() { index_ = users_; }
  std::vector<std::string> Add(int count) {
    std::vector<std::string> ids;
    for (int i = 0; i < count; ++i) {
      ids.push_back(absl::StrFormat("auth0|%024d", i));
      Add(ids.back());
    }
    return ids;
  }
  std::vector<RecordedRequest> searches() const { return RequestsTo(*http_, "/api/v2/users?"); }
  std::vector<RecordedRequest> reads() const { return RequestsTo(*http_, "/api/v2/users/"); }

 private:
  HttpResponse Search(const std::string& url) const {
    const std::string query = QueryParameter(url, "q");
    std::vector<std::string> found;
    for (const auto& [id, json] : index_) {
      if (absl::StrContains(query, absl::StrCat("\"", id, "\""))) {
        found.push_back(json);
      }
    }
    return MakeResponse(200, JsonArray(found));
  }
  HttpResponse Read(const std::string& url) const {
    if (refuse_reads_) return MakeResponse(503);
    for (const auto& [id, json] : users_) {
      if (absl::StrContains(url, absl::StrCat("/users/", PercentEncode(id), "?"))) {
        return MakeResponse(200, json);
      }
    }
    return MakeResponse(404, R"({"statusCode":404,"errorCode":"inexistent_user"})");
  }

  ScriptedTransport* const http_;
  std::map<std::string, std::string> users_;
  std::map<std::string, std::string> index_;
  bool refuse_reads_ = false;
};

class ProfileSourceTest : public testing::Test {
 protected:
  void SetUp() override { GrantTokens(&http_); }

  std::unique_ptr<ProfileSource> Make(std::vector<std::string> fields = {}) {
    ProfileSettings settings;
    settings.enabled = true;
    settings.fields = std::move(fields);
    return MakeAuth0ProfileSource(settings, client_);
  }
  ProfileSource::Answer Find(const std::vector<std::string>& ids) {
    std::vector<ProfileSource::Request> users;
    for (const std::string& id : ids) users.push_back({.user_id = id});
    return source_->Find(users, context_);
  }
  static std::string JsonOf(const ProfileSource::Answer& answer, const std::string& id) {
    const auto found = answer.profiles.find(id);
    return found == answer.profiles.end() ? "(missing)" : found->second->json;
  }

  FakeClock clock_{FakeClock::Mode::kAutomatic};
  ScriptedTransport http_;
  const std::shared_ptr<Auth0Client> client_ =
      std::make_shared<Auth0Client>(TenantSettings(), 50, http_, clock_);
  std::unique_ptr<ProfileSource> source_ = Make();
  CallContext context_;
};

}  // namespace logexport

#endif  // LOGEXPORT_TESTS_AUTH0_PROFILE_FIXTURE_H_
