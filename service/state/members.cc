#include "service/state/members.h"

#include "absl/strings/str_cat.h"
#include <unistd.h>

namespace logexport {

std::string ThisMembersName() {
  char host[256] = "";
  ::gethostname(host, sizeof(host) - 1);
  return absl::StrCat(host, ":", ::getpid());
}

}  // namespace logexport
