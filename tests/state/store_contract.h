#ifndef LOGEXPORT_TESTS_STATE_STORE_CONTRACT_H_
#define LOGEXPORT_TESTS_STATE_STORE_CONTRACT_H_

#include <functional>
#include <memory>
#include <ostream>
#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "service/state/store.h"
#include "tests/support/fake_clock.h"
#include "tests/support/status_matchers.h"

namespace logexport {

// A place that stores are kept in, for one test: opening it again finds what was there.
class StorePlace {
 public:
  virtual ~StorePlace() = default;
  virtual std::string url() const = 0;
};

// One kind of store that the contract is tested on.
struct StoreKind {
  std::string name;
  std::function<std::unique_ptr<StorePlace>()> make_place;

  friend std::ostream& operator<<(std::ostream& out, const StoreKind& kind) {
    return out << kind.name;
  }
};

// What every store must do, whatever database is behind it. A test begins with one exporter,
// `default`, whose checkpoint is after log "100", at version 1.
class StoreContractTest : public ::testing::TestWithParam<StoreKind> {
 protected:
  StoreContractTest();

  // Closes the store, if it is open, and opens it again.
  void Reopen();

  absl::Status Write(absl::FunctionRef<absl::Status(Transaction&)> body) {
    return store_->Write(body);
  }
  absl::Status Read(absl::FunctionRef<absl::Status(Transaction&)> body) {
    return store_->Read(body);
  }

  // The result of one call in a transaction of its own.
  template <typename Call>
  auto InWrite(Call call) {
    return InTransaction(call, [this](auto body) { return store_->Write(body); });
  }
  template <typename Call>
  auto InRead(Call call) {
    return InTransaction(call, [this](auto body) { return store_->Read(body); });
  }

  // A running export run of `default` in this epoch, stored.
  RunRecord AddRunningRun(const std::string& run_id);
  // The commit of that run that moves the checkpoint after `log_id`.
  ProgressCommit CommitOf(const RunRecord& run, std::int64_t expected_version,
                          const std::string& log_id);

  Checkpoint StoredCheckpoint(const std::string& exporter = "default");
  RunRecord StoredRun(const std::string& run_id, const std::string& exporter = "default");

  FakeClock clock_;
  std::unique_ptr<StorePlace> place_;
  // What the store calls before each operation; empty for none.
  std::function<absl::Status(absl::string_view)> fault_;
  std::unique_ptr<Store> store_;

 private:
  template <typename Call, typename Run>
  static auto InTransaction(Call call, Run run) {
    using Result = decltype(call(std::declval<Transaction&>()));
    Result result = absl::UnknownError("the transaction did not begin");
    const absl::Status status = run([&](Transaction& tx) -> absl::Status {
      result = call(tx);
      if constexpr (std::is_same_v<Result, absl::Status>) {
        return result;
      } else {
        return result.status();
      }
    });
    if (!status.ok()) result = status;
    return result;
  }
};

// Makes the process of this store the owner of every exporter that nobody owns.
void OwnAll(Store& store);

// The version of the checkpoint of `default`, or 0.
std::int64_t StoredVersion(Transaction& tx);

NewExporter SomeExporter(const std::string& id);
RunRecord SomeRun(const std::string& run_id, const std::string& exporter = "default");
DeadLetter SomeDeadLetter(const std::string& log_id);

// All of one exporter.
DeadLetterFilter DeadLettersOf(const std::string& exporter);
RunFilter RunsOf(const std::string& exporter);

}  // namespace logexport

#endif  // LOGEXPORT_TESTS_STATE_STORE_CONTRACT_H_
