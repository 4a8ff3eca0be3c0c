#ifndef LOGEXPORT_TESTS_CRASH_WITNESS_H_
#define LOGEXPORT_TESTS_CRASH_WITNESS_H_

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "tests/crash/stored_state.h"
#include "tests/support/sandbox_process.h"

namespace logexport {

// Holds what a service has stored against what truly arrived, by the ledger of the sandbox. Every
// function fails the test where the two do not agree.
class Witness {
 public:
  // Takes down the order of the sandbox's logs as they are now. Each event that holds one of the
  // ids in `poison` is refused by the sandbox's Segment, for good.
  Witness(SandboxProcess& sandbox, std::set<std::string> poison);

  std::int64_t logs() const { return static_cast<std::int64_t>(ids_.size()); }
  const std::vector<std::string>& ids() const { return ids_; }

  // How many logs a checkpoint has passed.
  std::int64_t Passed(const Checkpoint& checkpoint) const;

  // After a death: every log up to the checkpoint has arrived or is a dead letter, and the accounts
  // of all runs together count exactly these logs. To be called at once.
  void ExpectNothingSkipped(const StoredState& state) const;

  // When the sandbox has also taken what was still on the wire: how many events it has taken of
  // logs that the checkpoint has not passed. They will be sent again.
  std::int64_t AwaitArrivedAhead(const StoredState& state) const;

  // At the end: every log has arrived, but the poisonous ones, which are dead letters; under one
  // message id each; and nothing is left to do.
  void ExpectComplete(const StoredState& state) const;

 private:
  SandboxProcess& sandbox_;
  const std::set<std::string> poison_;
  std::vector<std::string> ids_;
  std::map<std::string, std::int64_t> index_;
};

}  // namespace logexport

#endif  // LOGEXPORT_TESTS_CRASH_WITNESS_H_
