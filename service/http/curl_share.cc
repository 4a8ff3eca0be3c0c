#include "service/http/curl_share.h"

namespace logexport {

CurlShare::CurlShare() : share_(curl_share_init()) {
  if (share_ == nullptr) return;
  curl_share_setopt(share_, CURLSHOPT_LOCKFUNC, &CurlShare::Lock);
  curl_share_setopt(share_, CURLSHOPT_UNLOCKFUNC, &CurlShare::Unlock);
  curl_share_setopt(share_, CURLSHOPT_USERDATA, this);
  curl_share_setopt(share_, CURLSHOPT_SHARE, CURL_LOCK_DATA_DNS);
  curl_share_setopt(share_, CURLSHOPT_SHARE, CURL_LOCK_DATA_SSL_SESSION);
}

CurlShare::~CurlShare() { curl_share_cleanup(share_); }

// Curl locks in one callback and unlocks in another, which the analysis cannot follow.
void CurlShare::Lock(CURL*, curl_lock_data data, curl_lock_access,
                     void* self) ABSL_NO_THREAD_SAFETY_ANALYSIS {
  static_cast<CurlShare*>(self)->mutexes_[data].Lock();
}

void CurlShare::Unlock(CURL*, curl_lock_data data, void* self) ABSL_NO_THREAD_SAFETY_ANALYSIS {
  static_cast<CurlShare*>(self)->mutexes_[data].Unlock();
}

}  // namespace logexport
