#ifndef LOGEXPORT_TESTS_CHAOS_WITNESS_SESSION_H_
#define LOGEXPORT_TESTS_CHAOS_WITNESS_SESSION_H_

#include <functional>
#include <optional>
#include <string>

struct pg_conn;

namespace logexport {

// A connection of a witness, who bears with a database that is not there. Not thread-safe.
class WitnessSession {
 public:
  // `url` is asked before each statement; another answer is another server.
  explicit WitnessSession(std::function<std::string()> url) : url_(std::move(url)) {}
  ~WitnessSession();
  WitnessSession(const WitnessSession&) = delete;
  WitnessSession& operator=(const WitnessSession&) = delete;

  // The first value of the last statement's answer, "" if it has none; nothing when the database
  // does not answer, or refuses.
  // Waits for a server that is frozen until it goes on.
  std::optional<std::string> Ask(const std::string& sql);

 private:
  void Close();

  const std::function<std::string()> url_;
  std::string connected_to_;
  pg_conn* connection_ = nullptr;
};

}  // namespace logexport

#endif  // LOGEXPORT_TESTS_CHAOS_WITNESS_SESSION_H_
