#ifndef LOGEXPORT_TESTS_ATTACK_ATTACKED_SERVICE_H_
#define LOGEXPORT_TESTS_ATTACK_ATTACKED_SERVICE_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "client/logexport/client.h"
#include "tests/e2e/installation.h"

namespace logexport {

// The real service as a process of this test, on loopback, with a token for each role. What is
// attacked is this process and nothing else.
class AttackedService {
 public:
  struct Options {
    bool tokens = true;
    std::vector<std::string> flags = {};
    std::vector<std::string> sandbox_flags = {"--generate", "10"};
  };
  AttackedService() : AttackedService(Options()) {}
  explicit AttackedService(Options options);

  Installation& installation() { return installation_; }
  const std::string& address() { return installation_.service().address(); }
  const std::string& token_file() const { return token_file_; }

  // A client with a token: "viewer-token", "operator-token", "admin-token", or any other.
  std::unique_ptr<client::Client> ClientWith(const std::string& token);
  // Whether a read with the viewer's token is answered.
  absl::Status Read();

  // Resident memory of the service in bytes: now, and the most since its start or the last Forget.
  std::int64_t Resident() const { return Memory("VmRSS:"); }
  std::int64_t MostResident() const { return Memory("VmHWM:"); }
  void ForgetMost();

 private:
  std::int64_t Memory(const std::string& name) const;

  mutable Installation installation_;
  std::string token_file_;
};

// A line of the token file.
std::string TokenFileLine(const std::string& name, const std::string& role,
                          const std::string& token);

}  // namespace logexport

#endif  // LOGEXPORT_TESTS_ATTACK_ATTACKED_SERVICE_H_
