#ifndef LOGEXPORT_SERVICE_HTTP_CURL_SHARE_H_
#define LOGEXPORT_SERVICE_HTTP_CURL_SHARE_H_

#include <array>

#include <curl/curl.h>

#include "service/base/mutex.h"

namespace logexport {

// What the handles of a transport share, so that a new connection to a host already talked to costs
// neither a DNS query nor a full TLS handshake. Thread-safe. Must outlive the handles using it.
class CurlShare {
 public:
  CurlShare();
  ~CurlShare();
  CurlShare(const CurlShare&) = delete;
  CurlShare& operator=(const CurlShare&) = delete;

  CURLSH* get() const { return share_; }

 private:
  static void Lock(CURL* easy, curl_lock_data data, curl_lock_access access, void* self);
  static void Unlock(CURL* easy, curl_lock_data data, void* self);

  CURLSH* const share_;
  std::array<Mutex, CURL_LOCK_DATA_LAST> mutexes_;
};

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_HTTP_CURL_SHARE_H_
