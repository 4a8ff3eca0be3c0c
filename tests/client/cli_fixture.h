#ifndef LOGEXPORT_TESTS_CLIENT_CLI_FIXTURE_H_
#define LOGEXPORT_TESTS_CLIENT_CLI_FIXTURE_H_

#include <atomic>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include <grpcpp/server.h>
#include <gtest/gtest.h>

#include "client/cli/cli.h"
#include "client/cli/terminal.h"

namespace logexport::cli {

// A terminal in memory. Questions are answered from `answers`; when those run out, the input ends.
class FakeTerminal : public Terminal {
 public:
  std::ostream& out() override { return out_stream; }
  std::ostream& err() override { return err_stream; }
  std::istream& in() override { return in_stream; }
  bool out_is_tty() const override { return tty; }
  bool err_is_tty() const override { return tty; }
  bool in_is_tty() const override { return tty; }
  bool can_redraw() const override { return tty && redraws; }
  bool shows_colours() const override { return tty && colours; }
  int width() const override { return columns; }
  int height() const override { return rows; }
  absl::StatusOr<std::string> Ask(absl::string_view prompt, bool secret) override;
  void CatchInterrupts(bool caught) override { catching = caught; }
  bool interrupted() const override { return catching && interrupt; }

  std::ostringstream out_stream;
  std::ostringstream err_stream;
  std::istringstream in_stream;
  bool tty = false;
  bool redraws = true;
  bool colours = false;
  int columns = 80;
  int rows = 1000;
  std::deque<std::string> answers;
  std::vector<std::string> questions;  // secret ones begin with "secret "
  std::atomic<bool> catching{false};
  std::atomic<bool> interrupt{false};
};

struct CliResult {
  int code = 0;
  std::string out;
  std::string err;
};

// Runs the program in this process, with a fixed clock (2026-11-23T12:00:00Z), zone UTC, request id
// "request-1", and a server in this process as its only one.
class CliFixture : public testing::Test {
 protected:
  CliFixture();
  ~CliFixture() override;

  // Serves `service` to later calls of Run. It must outlive the fixture's server.
  void Serve(grpc::Service& service);

  // One run of the program; `terminal` is new for each, made by `prepare`.
  CliResult Run(const std::vector<std::string>& args,
                const std::function<void(FakeTerminal&)>& prepare = {});

  // A file with these contents, removed with the fixture. Answers its path.
  std::string WriteFile(const std::string& name, const std::string& contents);

  CliContext context_;
  std::map<std::string, std::string> environment_;
  client::ConnectionOptions last_connection_;  // what the program asked for
  absl::Time now_ = absl::FromCivil(absl::CivilSecond(2026, 11, 23, 12, 0, 0), absl::UTCTimeZone());
  FakeTerminal* terminal_ = nullptr;  // of the run that is going on

 private:
  std::unique_ptr<grpc::Server> server_;
  std::string directory_;
};

// Takes a schema made of the API's descriptors; for tests that need no server.
class SchemaFixture : public CliFixture {
 protected:
  SchemaFixture();
  const Command& Get(const std::string& command) const;
  Invocation Parse(const std::vector<std::string>& args) const;

  std::unique_ptr<Schema> schema_;
};

}  // namespace logexport::cli

#endif  // LOGEXPORT_TESTS_CLIENT_CLI_FIXTURE_H_
