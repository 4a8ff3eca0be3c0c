#ifndef LOGEXPORT_TESTS_SANDBOX_SLACK_SLACK_SIMULATOR_H_
#define LOGEXPORT_TESTS_SANDBOX_SLACK_SLACK_SIMULATOR_H_

#include <cstdint>
#include <string>
#include <vector>

#include "tests/sandbox/http/http_message.h"

namespace logexport::sandbox {

// A Slack incoming webhook, any path under /slack/: takes messages within Slack's documented
// limits, answers `ok`, refuses others with Slack's words, keeps what it took. Not thread-safe.
class SlackSimulator {
 public:
  struct Message {
    std::string path;
    std::string text;  // the top-level fallback text
    std::string raw;   // the whole payload
  };

  HttpResponse Post(const HttpRequest& request);

  const std::vector<Message>& messages() const { return messages_; }
  std::uint64_t refused() const { return refused_; }
  void Reset();

 private:
  std::vector<Message> messages_;
  std::uint64_t refused_ = 0;
};

}  // namespace logexport::sandbox

#endif  // LOGEXPORT_TESTS_SANDBOX_SLACK_SLACK_SIMULATOR_H_
