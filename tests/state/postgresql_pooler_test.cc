// A store behind PgBouncer, which gives each transaction whatever connection is free.

#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include <sys/stat.h>

#include "service/state/engines/open_store.h"
#include "tests/postgresql/postgresql_server.h"
#include "tests/state/store_contract.h"
#include "tests/support/await.h"
#include "tests/support/subprocess.h"
#include "tests/support/temp_directory.h"

namespace logexport {
namespace {

// PgBouncer in transaction mode, with so few connections to the server that all share them.
class Pooler {
 public:
  explicit Pooler(const PostgresqlServer& server) : port_(PostgresqlServer::FreePort()) {
    ::chmod(directory_.path().c_str(), 0755);
    WriteFile(
        directory_.File("pgbouncer.ini"),
        absl::StrCat("[databases]\n* = host=", server.socket_directory(), " port=", server.port(),
                     " user=owner\n[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = ", port_,
                     "\nunix_socket_dir =\nauth_type = any\npool_mode = transaction\n"
                     "default_pool_size = 3\nlogfile =\npidfile =\n"));
    ::chmod(directory_.File("pgbouncer.ini").c_str(), 0644);
    auto started = Subprocess::Start(PostgresqlServer::AsOrdinaryUser(
        {"/usr/sbin/pgbouncer", directory_.File("pgbouncer.ini")}));
    EXPECT_THAT(started, IsOk());
    if (started.ok()) process_ = *std::move(started);
  }
  std::string Url(const std::string& database) const {
    return absl::StrCat("postgresql://owner@127.0.0.1:", port_, "/", database);
  }

 private:
  TempDirectory directory_;
  const int port_;
  std::unique_ptr<Subprocess> process_;
};

TEST(PostgresqlPoolerTest, TransactionsThatShareConnectionsDoNotDisturbEachOther) {
  constexpr int kThreads = 6;
  constexpr int kEach = 20;
  PostgresqlServer& server = PostgresqlServer::Shared();
  server.Query("CREATE DATABASE pooled");
  {
    const Pooler pooler(server);
    FakeClock clock;
    StoreOptions options;
    options.url = pooler.Url("pooled");
    std::unique_ptr<Store> store;
    // Until it listens.
    absl::Status status;
    ASSERT_TRUE(Await([&] {
      auto opened = OpenStore(options, clock);
      status = opened.status();
      if (opened.ok()) store = *std::move(opened);
      return store != nullptr;
    })) << status;
    ASSERT_THAT(store->Write([](Transaction& tx) {
      return tx.CreateExporter(SomeExporter("default"), false);
    }),
                IsOk());
    std::vector<std::jthread> threads;
    for (int i = 0; i < kThreads; ++i) {
      threads.emplace_back([&] {
        for (int n = 0; n < kEach; ++n) {
          EXPECT_THAT(store->Write([](Transaction& tx) -> absl::Status {
            auto record = tx.GetExporter("default");
            if (!record.ok()) return record.status();
            ++record->fires_started;
            return tx.UpdateExporter(*record);
          }),
                      IsOk());
          EXPECT_THAT(store->Read([](Transaction& tx) { return tx.GetConfig("default").status(); }),
                      IsOk());
        }
      });
    }
    threads.clear();
    EXPECT_THAT(store->Read([&](Transaction& tx) -> absl::Status {
      auto record = tx.GetExporter("default");
      if (!record.ok()) return record.status();
      EXPECT_EQ(record->fires_started, kThreads * kEach);
      return absl::OkStatus();
    }),
                IsOk());
    EXPECT_THAT(store->Check(), IsOk());
  }
  server.Query("DROP DATABASE pooled WITH (FORCE)");
}

}  // namespace
}  // namespace logexport
