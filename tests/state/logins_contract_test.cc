#include <string>
#include <utility>

#include "tests/state/store_contract.h"

namespace logexport {
namespace {

LoginRecord MakeLogin(const std::string& hash, const std::string& caller, absl::Time created) {
  LoginRecord login;
  login.secret_hash = hash;
  login.kind = "SESSION";
  login.caller = caller;
  login.verified = true;
  login.token_hash = "a token's";
  login.certificate_name = "a name";
  login.certificate = "PEM";
  login.created = created;
  login.expires = created + absl::Minutes(30);
  return login;
}

TEST_P(StoreContractTest, KeepsALoginUntilItIsDeleted) {
  const LoginRecord login = MakeLogin("hash", "ana", clock_.Now());
  EXPECT_THAT(InWrite([&](Transaction& tx) { return tx.AddLogin(login); }), IsOk());
  Reopen();
  const auto found = InRead([](Transaction& tx) { return tx.FindLogin("hash"); });
  ASSERT_THAT(found, IsOk());
  ASSERT_TRUE(found->has_value());
  EXPECT_EQ((*found)->kind, "SESSION");
  EXPECT_EQ((*found)->caller, "ana");
  EXPECT_TRUE((*found)->verified);
  EXPECT_EQ((*found)->token_hash, "a token's");
  EXPECT_EQ((*found)->certificate_name, "a name");
  EXPECT_EQ((*found)->certificate, "PEM");
  EXPECT_EQ((*found)->created, login.created);
  EXPECT_EQ((*found)->expires, login.expires);

  EXPECT_FALSE(InRead([](Transaction& tx) { return tx.FindLogin("other"); })->has_value());
  EXPECT_THAT(InWrite([](Transaction& tx) { return tx.DeleteLogin("hash"); }), IsOkAndHolds(true));
  EXPECT_THAT(InWrite([](Transaction& tx) { return tx.DeleteLogin("hash"); }), IsOkAndHolds(false));
  EXPECT_FALSE(InRead([](Transaction& tx) { return tx.FindLogin("hash"); })->has_value());
}

TEST_P(StoreContractTest, HasOneLoginOfAHash) {
  const LoginRecord login = MakeLogin("hash", "ana", clock_.Now());
  EXPECT_THAT(InWrite([&](Transaction& tx) { return tx.AddLogin(login); }), IsOk());
  EXPECT_TRUE(absl::IsAlreadyExists(InWrite([&](Transaction& tx) { return tx.AddLogin(login); })));
}

TEST_P(StoreContractTest, ExtendsAndPrunesLogins) {
  const absl::Time now = clock_.Now();
  EXPECT_THAT(Write([&](Transaction& tx) -> absl::Status {
                for (const char* hash : {"a", "b", "c"}) {
                  const auto added = tx.AddLogin(MakeLogin(hash, "ana", now));
                  if (!added.ok()) return added;
                }
                return tx.ExtendLogin("b", now + absl::Hours(2));
              }),
              IsOk());
  EXPECT_THAT(InWrite([&](Transaction& tx) { return tx.ExtendLogin("gone", now); }), IsOk());
  EXPECT_THAT(InWrite([&](Transaction& tx) { return tx.PruneLogins(now + absl::Minutes(29)); }),
              IsOk());
  EXPECT_THAT(InRead([](Transaction& tx) { return tx.CountLogins(""); }), IsOkAndHolds(3));
  EXPECT_THAT(InWrite([&](Transaction& tx) { return tx.PruneLogins(now + absl::Minutes(30)); }),
              IsOk());
  EXPECT_THAT(InRead([](Transaction& tx) { return tx.CountLogins(""); }), IsOkAndHolds(1));
  EXPECT_TRUE(InRead([](Transaction& tx) { return tx.FindLogin("b"); })->has_value());
}

TEST_P(StoreContractTest, CountsLoginsOfACaller) {
  const absl::Time now = clock_.Now();
  EXPECT_THAT(Write([&](Transaction& tx) -> absl::Status {
                for (const auto& [hash, caller] :
                     {std::pair("a", "ana"), std::pair("b", "ana"), std::pair("c", "bo")}) {
                  const auto added = tx.AddLogin(MakeLogin(hash, caller, now));
                  if (!added.ok()) return added;
                }
                return absl::OkStatus();
              }),
              IsOk());
  EXPECT_THAT(InRead([](Transaction& tx) { return tx.CountLogins("ana"); }), IsOkAndHolds(2));
  EXPECT_THAT(InRead([](Transaction& tx) { return tx.CountLogins("nobody"); }), IsOkAndHolds(0));
  EXPECT_THAT(InRead([](Transaction& tx) { return tx.CountLogins(""); }), IsOkAndHolds(3));
}

}  // namespace
}  // namespace logexport
