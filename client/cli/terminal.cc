#include "client/cli/terminal.h"

#include <atomic>
#include <csignal>
#include <cstdlib>
#include <iostream>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/numbers.h"
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

namespace logexport::cli {
namespace {

constexpr int kDefaultWidth = 80;
constexpr int kDefaultHeight = 24;

bool KnowsControlSequences() {
  const char* terminal = std::getenv("TERM");
  return terminal != nullptr && *terminal != 0 && absl::string_view(terminal) != "dumb";
}

// What the terminal itself says of its size, else what the variable says.
int Extent(unsigned short winsize::*side, const char* variable, int otherwise) {
  winsize size{};
  for (const int descriptor : {STDOUT_FILENO, STDERR_FILENO}) {
    if (ioctl(descriptor, TIOCGWINSZ, &size) == 0 && size.*side > 0) return size.*side;
  }
  int value = 0;
  const char* text = std::getenv(variable);
  return text != nullptr && absl::SimpleAtoi(text, &value) && value > 0 ? value : otherwise;
}

// Signal handlers can reach nothing but statics.
std::atomic<bool> g_interrupted{false};

extern "C" void OnInterrupt(int) {
  g_interrupted.store(true);
  std::signal(SIGINT, SIG_DFL);
}

termios g_before_prompt{};

// Ctrl-C at a secret prompt ends the program, but not with a terminal that shows nothing any more.
extern "C" void OnInterruptAtPrompt(int signal) {
  tcsetattr(STDIN_FILENO, TCSAFLUSH, &g_before_prompt);
  std::signal(signal, SIG_DFL);
  std::raise(signal);
}

class RealTerminal : public Terminal {
 public:
  std::ostream& out() override { return std::cout; }
  std::ostream& err() override { return std::cerr; }
  std::istream& in() override { return std::cin; }
  bool out_is_tty() const override { return isatty(STDOUT_FILENO) != 0; }
  bool err_is_tty() const override { return isatty(STDERR_FILENO) != 0; }
  bool in_is_tty() const override { return isatty(STDIN_FILENO) != 0; }

  bool can_redraw() const override { return err_is_tty() && KnowsControlSequences(); }
  bool shows_colours() const override {
    const char* no_colour = std::getenv("NO_COLOR");  // https://no-color.org
    return out_is_tty() && KnowsControlSequences() && (no_colour == nullptr || *no_colour == 0);
  }
  int width() const override { return Extent(&winsize::ws_col, "COLUMNS", kDefaultWidth); }
  int height() const override { return Extent(&winsize::ws_row, "LINES", kDefaultHeight); }

  absl::StatusOr<std::string> Ask(absl::string_view prompt, bool secret) override {
    const bool hide = secret && tcgetattr(STDIN_FILENO, &g_before_prompt) == 0;
    if (hide) {
      std::signal(SIGINT, OnInterruptAtPrompt);
      termios silent = g_before_prompt;
      silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
      tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent);
    }
    const absl::Cleanup restore = [hide] {
      if (!hide) return;
      tcsetattr(STDIN_FILENO, TCSAFLUSH, &g_before_prompt);
      std::signal(SIGINT, SIG_DFL);
      std::cerr << "\n";
    };
    if (in_is_tty()) std::cerr << prompt << std::flush;
    std::string line;
    if (!std::getline(std::cin, line)) return absl::AbortedError("no answer: the input has ended");
    if (!line.empty() && line.back() == '\r') line.pop_back();
    return line;
  }

  void CatchInterrupts(bool caught) override {
    g_interrupted.store(false);
    std::signal(SIGINT, caught ? OnInterrupt : SIG_DFL);
  }
  bool interrupted() const override { return g_interrupted.load(); }
};

}  // namespace

Terminal& ProcessTerminal() {
  static RealTerminal terminal;
  return terminal;
}

}  // namespace logexport::cli
