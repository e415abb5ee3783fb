#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "engine/error.h"
#include "engine/runbook/diagnostic.h"
#include "engine/value.h"

namespace drydock::cli {

enum class Style : std::uint8_t { Plain, Bold, Dim, Red, Green, Yellow, Cyan };

// Where the program's words go: results to standard output, what concerns the person who typed to
// standard error. A reader that went away makes it silent for good; nothing here throws because of
// it. One write(2) per call; whoever writes from several threads keeps them apart.
class Output final {
  public:
    struct Options {
        bool json = false;
        std::string color = "auto";  // auto, always, never
        bool quiet = false;
        int verbose = 0;
    };
    explicit Output(Options options);

    [[nodiscard]] bool json() const noexcept { return options_.json; }
    [[nodiscard]] bool quiet() const noexcept { return options_.quiet; }
    [[nodiscard]] int verbose() const noexcept { return options_.verbose; }
    // Standard output is a terminal that can redraw a line.
    [[nodiscard]] bool live() const noexcept { return live_; }
    // Somebody sits there: both streams are a terminal.
    [[nodiscard]] bool can_ask() const;
    // Puts a question and waits for a line of standard input, which nothing else reads. Throws
    // Error{Interrupted} when there is none.
    [[nodiscard]] std::string ask(std::string_view question);
    // Columns of the terminal, asked anew each time; 80 when it is none.
    [[nodiscard]] std::size_t width() const;
    [[nodiscard]] std::string styled(Style style, std::string_view text) const;

    void text(std::string_view text) noexcept;
    void line(std::string_view text) noexcept;
    // One JSON object on a line.
    void json_line(const Value& value);
    // To standard error, not with --quiet: "drydock: …".
    void note(std::string_view text) noexcept;
    // "drydock: message" and "hint: …"; an object with --json.
    void error(const Error& error);
    void diagnostics(const runbook::Diagnostics& diagnostics);

  private:
    void write(int fd, std::string_view text, bool& gone) noexcept;

    Options options_;
    bool live_ = false;
    bool color_out_ = false;
    bool color_error_ = false;
    bool out_gone_ = false;
    bool error_gone_ = false;
};

}  // namespace drydock::cli
