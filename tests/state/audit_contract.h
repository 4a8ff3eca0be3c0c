#ifndef LOGEXPORT_TESTS_STATE_AUDIT_CONTRACT_H_
#define LOGEXPORT_TESTS_STATE_AUDIT_CONTRACT_H_

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "service/state/audit_chain.h"
#include "service/state/audit_trail.h"
#include "tests/state/store_contract.h"

namespace logexport {

// An entry with every field set.
inline AuditEntry SomeEntry(const std::string& method, const std::string& exporter = "default") {
  AuditEntry entry;
  entry.time = FakeClock::DefaultStart() + absl::Microseconds(7);
  entry.caller = "ada";
  entry.verified = true;
  entry.role = "ADMIN";
  entry.address = "ipv4:127.0.0.1:4711";
  entry.way = "grpc";
  entry.method = method;
  entry.exporter = exporter;
  entry.call_id = "call-1";
  entry.request_id = "request-1";
  entry.reason = "why, \"so\"";
  entry.changes = {{"schedule.cron", "a", "b\n\"c\""}, {"paused", "false", "true"}};
  entry.outcome = AuditOutcome::kFailed;
  entry.error_reason = "ETAG_MISMATCH";
  entry.further_refusals = 3;
  return entry;
}

// What every store must do with the audit.
class AuditContractTest : public StoreContractTest {
 protected:
  AuditEntry Add(const AuditEntry& entry) {
    auto added = InWrite([&](Transaction& tx) { return tx.AddAudit(entry); });
    EXPECT_THAT(added, IsOk());
    return added.ok() ? *added : AuditEntry();
  }
  std::vector<AuditEntry> All() {
    auto all = InRead([](Transaction& tx) { return tx.AuditFrom(1, 1000); });
    EXPECT_THAT(all, IsOk());
    return all.ok() ? *all : std::vector<AuditEntry>();
  }
  std::vector<std::int64_t> Listed(const AuditFilter& filter, const PageRequest& page = {}) {
    auto entries = InRead([&](Transaction& tx) { return tx.ListAudit(filter, page); });
    EXPECT_THAT(entries, IsOk());
    std::vector<std::int64_t> numbers;
    if (!entries.ok()) return numbers;
    for (const AuditEntry& entry : *entries) numbers.push_back(entry.sequence);
    return numbers;
  }
  AuditHead Head() {
    auto head = InRead([](Transaction& tx) { return tx.GetAuditHead(); });
    EXPECT_THAT(head, IsOk());
    return head.ok() ? *head : AuditHead();
  }
  // The problems that a check of everything finds.
  std::vector<std::string> Check(AuditHead anchor = {}) {
    AuditChainCheck check(KeylessAuditSigner(), std::move(anchor));
    for (const AuditEntry& entry : All()) check.Add(entry);
    check.Finish(Head());
    std::vector<std::string> messages;
    for (const auto& problem : check.problems()) messages.push_back(problem.message);
    return messages;
  }
};

}  // namespace logexport

#endif  // LOGEXPORT_TESTS_STATE_AUDIT_CONTRACT_H_
