#include "service/auth0/profile_source.h"

#include <algorithm>
#include <deque>
#include <functional>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"

#include "service/auth0/failures.h"
#include "service/auth0/profile_cache.h"
#include "service/auth0/user_decoder.h"
#include "service/auth0/user_fields.h"
#include "service/auth0/user_search.h"
#include "service/base/mutex.h"
#include "service/base/status_macros.h"

namespace logexport {
namespace {

constexpr char kSearchCall[] = "GET /api/v2/users";
constexpr char kReadUserCall[] = "GET /api/v2/users/{id}";
constexpr char kUserScope[] = "read:users";

constexpr std::size_t kCacheBytes = std::size_t{8} << 20;
constexpr std::size_t kMostSingleReads = 10;
// Of searches for a single user that are too large. More mean that something else is wrong, and
// would cost two searches for every user.
constexpr int kMostOversizedUsers = 3;
// Auth0's search gives a change within seconds as a rule, and without any promise.
constexpr absl::Duration kIndexLag = absl::Minutes(10);
// How far the time told by Auth0's answers may be ahead of the time in its logs.
constexpr absl::Duration kProfileClockError = absl::Seconds(2);
constexpr absl::Duration kLongestBudgetWait = absl::Seconds(30);
constexpr absl::Duration kForbiddenPause = absl::Minutes(5);

// What a profile holds when the configuration names nothing: who the user is, without what
// applications keep about him (user_metadata, app_metadata) and without tokens (identities).
std::vector<std::string> BasicFields() {
  return {"user_id",    "email",      "email_verified", "username", "name",
          "nickname",   "given_name", "family_name",    "picture",  "created_at",
          "updated_at", "last_login", "logins_count"};
}

UserFields FieldsOf(const ProfileSettings& settings) {
  if (settings.whole) return UserFields::AllBut({"identities"});
  return UserFields::Only(settings.fields.empty() ? BasicFields() : settings.fields);
}

absl::Status NotIndexed() {
  return Auth0Failure(
      FailureClass::kTransient, FailureReason::kAuth0Unavailable,
      absl::StrCat("Auth0's search did not give these users (yet), and no more than ",
                   kMostSingleReads, " of a page are read one by one."),
      "Nothing; most of them are new or deleted users.");
}

absl::Status SearchesTooLarge() {
  return Auth0Failure(FailureClass::kTransient, FailureReason::kAuth0UnexpectedResponse,
                      absl::StrCat(kSearchCall,
                                   ": even searches for single users are too large, or their "
                                   "answers are."),
                      "Check auth0.base_url and whether a proxy or firewall answers in Auth0's "
                      "place.");
}

class Auth0ProfileSource final : public ProfileSource {
 public:
  Auth0ProfileSource(const ProfileSettings& settings, std::shared_ptr<Auth0Client> client)
      : client_(std::move(client)),
        fields_(FieldsOf(settings)),
        cache_(settings.cache_ttl, kCacheBytes) {}

  Answer Find(const std::vector<Request>& users, const CallContext& context) override {
    Answer answer;
    std::size_t reads = 0;
    std::vector<Request> open = users;
    while (!open.empty()) {
      const Unknown unknown = TakeOver(open, context, &answer.profiles);
      open = unknown.asked_elsewhere;
      if (!unknown.all.empty()) {
        if (answer.last_error.ok()) {
          answer.last_error = Ask(unknown, context, &reads, &answer.profiles);
        }
        GiveBack(unknown);
        answer.missing +=
            std::count_if(unknown.all.begin(), unknown.all.end(),
                          [&](const std::string& id) { return !answer.profiles.contains(id); });
      } else if (!AwaitOthers(open, context.stop)) {
        answer.missing += static_cast<std::int64_t>(open.size());
        answer.last_error = NoResponse(kSearchCall, absl::CancelledError("stopped"));
        break;
      }
    }
    if (answer.missing > 0 && answer.last_error.ok()) answer.last_error = NotIndexed();
    return answer;
  }

 private:
  struct Unknown {
    std::vector<std::string> all;  // each id once
    // Those of them of whom the search may not know yet how they have changed.
    std::vector<std::string> changed;
    // For whom another call of Find is asking: not among them, each once.
    std::vector<Request> asked_elsewhere;
    bool shared = false;  // whether others wait for what is asked for these
  };

  // Takes what the cache has into `found`; the answer is what is left, and who is to be asked for
  // by this call from now on, until GiveBack.
  Unknown TakeOver(const std::vector<Request>& users, const CallContext& context, Profiles* found) {
    static const std::shared_ptr<const Profile>& nobody =
        *new std::shared_ptr<const Profile>(std::make_shared<Profile>());
    Unknown unknown;
    // One that has no time to wait for others asks by itself.
    unknown.shared = context.deadline == absl::InfiniteDuration();
    absl::flat_hash_set<absl::string_view> seen;
    const absl::Duration now = client_->clock().Monotonic();
    const absl::Time indexed = client_->server_clock().Now() - kIndexLag;
    MutexLock lock(&mutex_);
    for (const auto& [id, changed] : users) {
      if (id.empty() || !seen.insert(id).second) continue;
      if (!CanBeUserId(id)) {
        found->emplace(id, nobody);
      } else if (std::shared_ptr<const Profile> profile = cache_.Find(id, now, changed)) {
        found->emplace(id, std::move(profile));
      } else if (unknown.shared && !asked_for_.emplace(id).second) {
        unknown.asked_elsewhere.push_back({id, changed});
      } else {
        unknown.all.emplace_back(id);
        if (changed > indexed) unknown.changed.emplace_back(id);
      }
    }
    return unknown;
  }

  void GiveBack(const Unknown& unknown) {
    if (!unknown.shared) return;
    {
      MutexLock lock(&mutex_);
      for (const std::string& id : unknown.all) asked_for_.erase(id);
    }
    answered_.NotifyAll();
  }

  // Until nobody asks for any of `users` any more. False if stopped.
  bool AwaitOthers(const std::vector<Request>& users, const std::stop_token& stop) {
    const std::stop_callback wake(stop, [this] { WakeAll(); });
    MutexLock lock(&mutex_);
    while (!stop.stop_requested() && AnyAskedFor(users)) answered_.Wait(&mutex_);
    return !stop.stop_requested();
  }

  bool AnyAskedFor(const std::vector<Request>& users) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    for (const Request& user : users) {
      if (asked_for_.contains(user.user_id)) return true;
    }
    return false;
  }

  void WakeAll() {
    // Whoever found under the lock that it was not stopped waits by now, and is woken.
    { const MutexLock lock(&mutex_); }
    answered_.NotifyAll();
  }

  absl::Status Ask(const Unknown& unknown, const CallContext& context, std::size_t* reads,
                   Profiles* found) {
    RETURN_IF_ERROR(Forbidden());
    RETURN_IF_ERROR(ReadOneByOne(unknown.changed, context, reads, found));
    RETURN_IF_ERROR(Search(unknown.all, context, found));
    return ReadOneByOne(unknown.all, context, reads, found);
  }

  void Keep(const std::string& user_id, std::string json, absl::Time as_of, Profiles* found) {
    auto profile = std::make_shared<const Profile>(Profile{std::move(json)});
    (*found)[user_id] = profile;
    MutexLock lock(&mutex_);
    cache_.Put(user_id, std::move(profile), client_->clock().Monotonic(), as_of);
  }

  // The last refusal for want of the scope, while it is fresh.
  absl::Status Forbidden() {
    MutexLock lock(&mutex_);
    return client_->clock().Monotonic() < forbidden_until_ ? forbidden_ : absl::OkStatus();
  }

  // Waits for the share of the rate limit, and until it surely covers one more call than are on
  // their way. The call that is made then is counted among those until Answered.
  absl::Status AwaitTurn(absl::string_view name, const CallContext& context) {
    Clock& clock = client_->clock();
    const absl::Duration patience_ends = clock.Monotonic() + kLongestBudgetWait;
    const std::stop_callback wake(context.stop, [this] { WakeAll(); });
    const bool in_haste = context.deadline < absl::InfiniteDuration();
    MutexLock lock(&mutex_);
    for (;;) {
      const absl::Duration wait = client_->WaitForProfiles();
      const absl::Duration free_at = clock.Monotonic() + wait;
      if (wait > absl::ZeroDuration()) {
        if (free_at > patience_ends || free_at >= context.deadline) {
          return Auth0Failure(FailureClass::kLimited, FailureReason::kAuth0RateLimited,
                              "The share of Auth0's rate limit for reading profiles is used up.",
                              "Nothing, or raise profile.rate_share_percent.", wait);
        }
        mutex_.Unlock();
        const bool slept = clock.SleepFor(wait, context.stop);
        mutex_.Lock();
        if (!slept) break;
        continue;
      }
      if (in_haste || client_->MayJoinForProfiles(on_the_way_)) {
        ++on_the_way_;
        return absl::OkStatus();
      }
      if (context.stop.stop_requested()) break;
      answered_.Wait(&mutex_);
    }
    return NoResponse(name, absl::CancelledError("stopped"));
  }

  void Answered() {
    {
      MutexLock lock(&mutex_);
      --on_the_way_;
    }
    answered_.NotifyAll();
  }

  absl::StatusOr<Auth0Client::Answer> Get(absl::string_view name, std::string target,
                                          const CallContext& context) {
    RETURN_IF_ERROR(AwaitTurn(name, context));
    Auth0Client::Call call;
    call.name = name;
    call.target = std::move(target);
    call.scope = kUserScope;
    call.for_profiles = true;
    absl::StatusOr<Auth0Client::Answer> answer = client_->Get(call, context);
    Answered();
    if (!answer.ok() && FailureOf(answer.status()).reason == FailureReason::kAuth0Forbidden) {
      MutexLock lock(&mutex_);
      forbidden_ = answer.status();
      forbidden_until_ = client_->clock().Monotonic() + kForbiddenPause;
    }
    return answer;
  }

  // Looks up `user_ids` by as few searches as Auth0 takes.
  absl::Status Search(std::vector<std::string> user_ids, const CallContext& context,
                      Profiles* found) {
    std::erase_if(user_ids, [&](const std::string& id) { return found->contains(id); });
    const absl::flat_hash_set<std::string> asked(user_ids.begin(), user_ids.end());
    const std::vector<UserSearch> planned = UserSearches(user_ids, fields_, kMostUsersPerSearch);
    std::deque<UserSearch> searches(planned.begin(), planned.end());
    int oversized_users = 0;
    while (!searches.empty()) {
      const UserSearch search = std::move(searches.front());
      searches.pop_front();
      const absl::Time as_of = client_->server_clock().Now() - kIndexLag;
      ASSIGN_OR_RETURN(Auth0Client::Answer answer, Get(kSearchCall, search.target, context));
      const int status = answer.response.status;
      if (answer.too_large || status == 413 || status == 414) {
        // One user alone is left to the single reads.
        if (search.user_ids.size() == 1) {
          if (++oversized_users > kMostOversizedUsers) return SearchesTooLarge();
          continue;
        }
        // Before the other searches, so that a single user is soon reached.
        for (UserSearch& half :
             UserSearches(search.user_ids, fields_, (search.user_ids.size() + 1) / 2)) {
          searches.push_front(std::move(half));
        }
        continue;
      }
      if (status != 200) {
        return Auth0Failure(FailureClass::kPermanent, FailureReason::kAuth0UnexpectedResponse,
                            absl::StrCat("Auth0 does not accept a search for users: ",
                                         DescribeError(answer.response, Quote::kCodes)),
                            "Check profile.fields.");
      }
      RETURN_IF_ERROR(KeepUsers(kSearchCall, asked, as_of, std::move(answer.response), found));
    }
    return absl::OkStatus();
  }

  // Reads those that are not found, as long as not too many have been read this way.
  absl::Status ReadOneByOne(const std::vector<std::string>& user_ids, const CallContext& context,
                            std::size_t* reads, Profiles* found) {
    for (const std::string& id : user_ids) {
      if (found->contains(id)) continue;
      if (*reads == kMostSingleReads) break;
      ++*reads;
      const absl::Time as_of = client_->server_clock().Now() - kProfileClockError;
      ASSIGN_OR_RETURN(Auth0Client::Answer answer,
                       Get(kReadUserCall, UserTarget(id, fields_), context));
      if (answer.too_large) continue;
      // What is no user's id at all is told by a 400.
      if (answer.response.status == 404 || answer.response.status == 400) {
        Keep(id, "", as_of, found);
      } else if (answer.response.status == 200) {
        RETURN_IF_ERROR(KeepUsers(kReadUserCall, {id}, as_of, std::move(answer.response), found));
      }
    }
    return absl::OkStatus();
  }

  absl::Status KeepUsers(absl::string_view call, const absl::flat_hash_set<std::string>& asked,
                         absl::Time as_of, HttpResponse response, Profiles* found) {
    const std::size_t size = response.body.size();
    absl::StatusOr<std::vector<User>> users = DecodeUsers(std::move(response.body), fields_);
    if (!users.ok()) return UnexpectedAnswer(call, response, size, users.status().message());
    for (User& user : *users) {
      if (asked.contains(user.user_id)) Keep(user.user_id, std::move(user.json), as_of, found);
    }
    return absl::OkStatus();
  }

  const std::shared_ptr<Auth0Client> client_;
  const UserFields fields_;

  Mutex mutex_;
  CondVar answered_;
  ProfileCache cache_ ABSL_GUARDED_BY(mutex_);
  // Users that calls of Find are asking for.
  absl::flat_hash_set<std::string> asked_for_ ABSL_GUARDED_BY(mutex_);
  int on_the_way_ ABSL_GUARDED_BY(mutex_) = 0;
  absl::Status forbidden_ ABSL_GUARDED_BY(mutex_);
  absl::Duration forbidden_until_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace

std::unique_ptr<ProfileSource> MakeAuth0ProfileSource(const ProfileSettings& settings,
                                                      std::shared_ptr<Auth0Client> client) {
  return std::make_unique<Auth0ProfileSource>(settings, std::move(client));
}

absl::Status ProbeUsers(Auth0Client* client, const CallContext& context) {
  Auth0Client::Call call;
  call.name = kSearchCall;
  call.target =
      "/api/v2/"
      "users?search_engine=v3&per_page=1&page=0&include_fields=true&fields=user_id&q=user_id%3A%"
      "22probe%22";
  call.scope = kUserScope;
  call.for_profiles = true;
  ASSIGN_OR_RETURN(Auth0Client::Answer answer, client->Get(call, context));
  if (!answer.too_large && answer.response.status != 200) {
    return UnexpectedAnswer(kSearchCall, answer.response, answer.response.body.size(),
                            "is not what the Management API gives");
  }
  return absl::OkStatus();
}

}  // namespace logexport
