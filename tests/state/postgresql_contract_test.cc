#include "tests/postgresql/postgresql_server.h"
#include "tests/state/audit_contract.h"
#include "tests/state/settled_logs_contract.h"
#include "tests/state/store_contract.h"

namespace logexport {
namespace {

class PostgresqlPlace final : public StorePlace {
 public:
  std::string url() const override { return url_; }

 private:
  const std::string url_ = PostgresqlServer::Shared().UrlOfFreshSchema();
};

StoreKind Kind() {
  return {"Postgresql", [] { return std::make_unique<PostgresqlPlace>(); }};
}

INSTANTIATE_TEST_SUITE_P(Postgresql, StoreContractTest, ::testing::Values(Kind()),
                         [](const auto& kind) { return kind.param.name; });
INSTANTIATE_TEST_SUITE_P(Postgresql, AuditContractTest, ::testing::Values(Kind()),
                         [](const auto& kind) { return kind.param.name; });
INSTANTIATE_TEST_SUITE_P(Postgresql, SettledLogsContractTest, ::testing::Values(Kind()),
                         [](const auto& kind) { return kind.param.name; });

}  // namespace
}  // namespace logexport
