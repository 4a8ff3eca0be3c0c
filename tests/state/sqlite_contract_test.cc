#include "tests/state/audit_contract.h"
#include "tests/state/settled_logs_contract.h"
#include "tests/state/store_contract.h"
#include "tests/support/temp_directory.h"

namespace logexport {
namespace {

class SqlitePlace final : public StorePlace {
 public:
  std::string url() const override { return "sqlite:" + directory_.File("store.db"); }

 private:
  TempDirectory directory_;
};

INSTANTIATE_TEST_SUITE_P(Sqlite, StoreContractTest,
                         ::testing::Values(StoreKind{
                             "Sqlite", [] { return std::make_unique<SqlitePlace>(); }}),
                         [](const auto& kind) { return kind.param.name; });
INSTANTIATE_TEST_SUITE_P(Sqlite, AuditContractTest,
                         ::testing::Values(StoreKind{
                             "Sqlite", [] { return std::make_unique<SqlitePlace>(); }}),
                         [](const auto& kind) { return kind.param.name; });
INSTANTIATE_TEST_SUITE_P(Sqlite, SettledLogsContractTest,
                         ::testing::Values(StoreKind{
                             "Sqlite", [] { return std::make_unique<SqlitePlace>(); }}),
                         [](const auto& kind) { return kind.param.name; });

}  // namespace
}  // namespace logexport
