#ifndef LOGEXPORT_TESTS_SUPPORT_HTTP_CLIENT_H_
#define LOGEXPORT_TESTS_SUPPORT_HTTP_CLIENT_H_

#include <cstdint>
#include <map>
#include <string>

#include "absl/time/time.h"

namespace logexport {

// What came back; status 0 if no complete response did.
struct HttpReply {
  int status = 0;
  std::string body;
  std::map<std::string, std::string> headers;  // names in lower case
};

using HttpHeaders = std::map<std::string, std::string>;

// Plain requests of tests, with cpp-httplib, so that our own transport is not checked by itself.
// `base` is like http://127.0.0.1:8080; certificates are not checked. One connection each.
HttpReply HttpGet(const std::string& base, const std::string& target,
                  const HttpHeaders& headers = {}, absl::Duration limit = absl::Seconds(30));
HttpReply HttpPost(const std::string& base, const std::string& target, const std::string& body,
                   const std::string& content_type = "application/json",
                   const HttpHeaders& headers = {}, absl::Duration limit = absl::Seconds(30));
HttpReply HttpDelete(const std::string& base, const std::string& target,
                     const HttpHeaders& headers = {});

}  // namespace logexport

#endif  // LOGEXPORT_TESTS_SUPPORT_HTTP_CLIENT_H_
