#ifndef LOGEXPORT_TESTS_SUPPORT_TEMP_DIRECTORY_H_
#define LOGEXPORT_TESTS_SUPPORT_TEMP_DIRECTORY_H_

#include <string>

namespace logexport {

// A directory of its own, removed with everything in it at the end.
class TempDirectory {
 public:
  TempDirectory();
  ~TempDirectory();
  TempDirectory(const TempDirectory&) = delete;
  TempDirectory& operator=(const TempDirectory&) = delete;

  const std::string& path() const { return path_; }
  std::string File(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

std::string ReadFile(const std::string& path);
void WriteFile(const std::string& path, const std::string& content);

}  // namespace logexport

#endif  // LOGEXPORT_TESTS_SUPPORT_TEMP_DIRECTORY_H_
