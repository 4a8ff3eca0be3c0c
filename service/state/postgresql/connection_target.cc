#include "service/state/postgresql/connection_target.h"

#include <algorithm>
#include <memory>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include <postgresql/libpq-fe.h>

namespace logexport {
namespace {

struct FreeOptions {
  void operator()(PQconninfoOption* options) const { PQconninfoFree(options); }
};
using Options = std::unique_ptr<PQconninfoOption, FreeOptions>;

std::string* Find(ConnectionTarget::Parameters& parameters, absl::string_view key) {
  for (auto& [name, value] : parameters) {
    if (name == key) return &value;
  }
  return nullptr;
}

std::string ValueOf(ConnectionTarget::Parameters& parameters, absl::string_view key) {
  const std::string* value = Find(parameters, key);
  return value == nullptr ? "" : *value;
}

// Sets what the user did not.
void Default(ConnectionTarget::Parameters& parameters, const char* key, const char* value) {
  if (Find(parameters, key) == nullptr) parameters.emplace_back(key, value);
}

void Set(ConnectionTarget::Parameters& parameters, const char* key, const std::string& value) {
  std::string* const found = Find(parameters, key);
  if (found != nullptr) {
    *found = value;
  } else {
    parameters.emplace_back(key, value);
  }
}

// The n-th of a list separated by commas; a list of one is for all.
std::string Item(const std::vector<std::string>& list, std::size_t n) {
  if (list.size() == 1) return list.front();
  return n < list.size() ? list[n] : "";
}

std::vector<std::string> Split(const std::string& text) {
  if (text.empty()) return {};
  return absl::StrSplit(text, ',');
}

}  // namespace

bool NamesPostgresql(absl::string_view url) {
  if (absl::StartsWith(url, "postgresql:") || absl::StartsWith(url, "postgres:")) return true;
  // "key=value …", which begins with one of libpq's keys.
  const std::size_t equals = url.find('=');
  if (equals == absl::string_view::npos) return false;
  const absl::string_view key = url.substr(0, equals);
  const Options known(PQconndefaults());
  for (const PQconninfoOption* option = known.get();
       option != nullptr && option->keyword != nullptr; ++option) {
    if (key == option->keyword) return true;
  }
  return false;
}

absl::StatusOr<ConnectionTarget> ConnectionTarget::Parse(const std::string& text) {
  char* error = nullptr;
  const Options given(PQconninfoParse(text.c_str(), &error));
  if (given == nullptr || text.find('\0') != std::string::npos) {
    PQfreemem(error);
    return absl::InvalidArgumentError(
        "--state is neither a PostgreSQL URI (postgresql://USER@HOST:PORT/DATABASE, with %40 for "
        "an "
        "@ in a password, and so on) nor a list of key=value words");
  }
  Parameters parameters;
  for (const PQconninfoOption* option = given.get(); option->keyword != nullptr; ++option) {
    if (option->val != nullptr) parameters.emplace_back(option->keyword, option->val);
  }
  // Values of the environment and of a service file count where nothing is given.
  const Options defaults(PQconndefaults());
  for (const PQconninfoOption* option = defaults.get();
       option != nullptr && option->keyword != nullptr; ++option) {
    if (option->val == nullptr || *option->val == '\0') continue;
    const absl::string_view key = option->keyword;
    if (key == "host" || key == "hostaddr" || key == "port" || key == "user" || key == "dbname" ||
        key == "target_session_attrs") {
      // libpq's own default of target_session_attrs would take a server that only reads.
      if (key == "target_session_attrs" && absl::string_view(option->val) == "any") continue;
      Default(parameters, option->keyword, option->val);
    }
  }
  Default(parameters, "dbname", ValueOf(parameters, "user").c_str());
  Default(parameters, "fallback_application_name", "logexportd");
  Default(parameters, "target_session_attrs", "read-write");
  // A connection whose other end is gone is noticed although nothing is sent.
  Default(parameters, "keepalives_idle", "10");
  Default(parameters, "keepalives_interval", "5");
  Default(parameters, "keepalives_count", "3");
  Default(parameters, "tcp_user_timeout", "10000");
  Set(parameters, "client_encoding", "UTF8");

  ConnectionTarget target;
  const std::vector<std::string> hosts = Split(ValueOf(parameters, "host"));
  const std::vector<std::string> addresses = Split(ValueOf(parameters, "hostaddr"));
  const std::vector<std::string> ports = Split(ValueOf(parameters, "port"));
  const std::size_t count = std::max<std::size_t>({1, hosts.size(), addresses.size()});
  std::vector<std::string> shown;
  for (std::size_t i = 0; i < count; ++i) {
    Parameters server = parameters;
    if (!hosts.empty()) Set(server, "host", Item(hosts, i));
    if (!addresses.empty()) Set(server, "hostaddr", Item(addresses, i));
    if (!ports.empty()) Set(server, "port", Item(ports, i));
    std::string host = hosts.empty() ? Item(addresses, i) : Item(hosts, i);
    if (host.empty()) host = addresses.empty() ? "localhost" : Item(addresses, i);
    shown.push_back(absl::StrCat(host, ports.empty() ? "" : ":", Item(ports, i)));
    target.servers_.push_back(std::move(server));
  }
  const std::string user = ValueOf(parameters, "user");
  target.shown_ = absl::StrCat("postgresql://", user, user.empty() ? "" : "@",
                               absl::StrJoin(shown, ","), "/", ValueOf(parameters, "dbname"));
  return target;
}

}  // namespace logexport
