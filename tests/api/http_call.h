#ifndef LOGEXPORT_TESTS_API_HTTP_CALL_H_
#define LOGEXPORT_TESTS_API_HTTP_CALL_H_

#include <string>
#include <utility>
#include <vector>

#include "tests/api/api_call.h"
#include "tests/api/api_server.h"
#include "tests/support/http_client.h"

namespace logexport {

enum class HttpCodec { kJson, kBinary };

// The whole answer to a POST with these fields; one connection. `host` is what it names as host.
struct HttpRequestOptions {
  HttpHeaders headers = {};
  std::string content_type = "application/json";
  std::string host = {};  // the address, if empty
};
HttpReply PostTo(const std::string& address, const std::string& path, const std::string& body,
                 const HttpRequestOptions& options = {});

// Makes any call of the service over HTTP as CallApi does over gRPC: `request` is the bytes of the
// request, which are written in the codec. Answers what it says in the same form, so that both can
// be compared; messages are serialised in binary.
struct HttpApiReply {
  int status = 0;
  ApiReply reply;
};
HttpApiReply CallHttp(const std::string& address, const std::string& method,
                      const std::string& request, HttpCodec codec, const HttpHeaders& headers);

// {"authorization": "Bearer TOKEN"}.
HttpHeaders Bearer(const std::string& token);

// A token for HTTP, made by the RPC with these options.
std::string LoginToken(ApiServer& server, const ApiCallOptions& options = {});
// The code in a link, likewise.
std::string LoginCode(ApiServer& server, const ApiCallOptions& options = {});

}  // namespace logexport

#endif  // LOGEXPORT_TESTS_API_HTTP_CALL_H_
