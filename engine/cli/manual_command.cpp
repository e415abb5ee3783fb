// manual: the page of man(1), made from the table of commands.

#include "engine/cli/assemble.h"
#include "engine/cli/command_line.h"
#include "engine/cli/text.h"
#include "engine/cli/version.h"
#include "engine/handbook/exit_codes.h"

namespace drydock::cli {
namespace {

// Text of ours in roff: a backslash and a dash are written as they look, a dot or a quote at the
// beginning of a line is no request.
std::string roff(std::string_view text) {
    std::string out;
    bool begin = true;
    for (const char byte : text) {
        if (begin && (byte == '.' || byte == '\'')) out += "\\&";
        begin = byte == '\n';
        if (byte == '\\')
            out += "\\e";
        else if (byte == '-')
            out += "\\-";
        else if (byte == '"')
            out += "\\(dq";
        else
            out += byte;
    }
    return out;
}

class ManualWriter final {
  public:
    std::string write() {
        text(".TH DRYDOCK 1 \"\" \"" + roff(kVersion) + "\" \"Runbooks for databases\"");
        section("NAME");
        text(
            "drydock \\- run runbooks for databases: nothing lost, nothing twice, always a way "
            "back");
        section("SYNOPSIS");
        text(".B drydock");
        text(".I COMMAND");
        text("[\\fIOPTION\\fR]... [\\fISUBJECT\\fR]...");
        section("DESCRIPTION");
        text(
            roff("Drydock runs runbooks: documents in YAML whose steps change databases, files and "
                 "programs.\nWhat happened is written to a journal before anything is done because "
                 "of it, so that a run that is\nkilled at any moment goes on from what it had "
                 "durably done."));
        section("COMMANDS");
        for (const Command& command : commands()) add(command);
        section("OPTIONS");
        text("Every command takes these.");
        for (const OptionShape& shape : common_options()) add(shape);
        exit_status();
        places();
        section("SEE ALSO");
        text(
            roff("drydock explain WORD says what a key, action, error or status means.\n"
                 "drydock COMMAND --help shows what a command takes."));
        return std::move(out_);
    }

  private:
    void text(const std::string& line) { out_ += line + "\n"; }
    void section(std::string_view name) { text(".SH " + std::string(name)); }
    void entry(const std::string& term) { text(".TP\n" + term); }

    void add(const Command& command) {
        text(".SS " + roff("drydock " + std::string(command.name)) + " " +
             std::string(command.subjects.words.empty() ? "" : roff(subjects_of(command))));
        text(roff(std::string(command.summary) + "."));
        if (!command.subjects.words.empty())
            text(roff(subjects_of(command) + ": " + std::string(command.subjects.meaning) + "."));
        for (const OptionShape& shape : options_of(command)) add(shape);
        text(".PP\n.nf");
        for (const std::string& line : lines_in(command.examples)) text(roff(line));
        text(".fi");
    }
    // "FILE…" as "FILE...": roff reads no UTF-8.
    static std::string subjects_of(const Command& command) {
        std::string words(command.subjects.words);
        for (std::size_t at = words.find("…"); at != std::string::npos; at = words.find("…"))
            words.replace(at, std::string_view("…").size(), "...");
        return words;
    }

    void add(const OptionShape& shape) {
        std::string term;
        for (const std::string& name : shape.names)
            term += (term.empty() ? "" : ", ") + ("\\fB" + roff(name) + "\\fR");
        if (!shape.value.empty()) term += " \\fI" + roff(shape.value) + "\\fR";
        entry(term);
        text(roff(shape.help + "."));
    }

    void exit_status() {
        section("EXIT STATUS");
        for (const handbook::ExitCode& one : handbook::exit_codes()) {
            entry("\\fB" + std::to_string(one.code) + "\\fR");
            text(roff(std::string(one.meaning) + "." +
                      (one.next.empty() ? "" : " Next: " + std::string(one.next) + ".")));
        }
    }

    void places() {
        section("ENVIRONMENT");
        entry(".B XDG_STATE_HOME\\fR, \\fBHOME");
        text(roff("Where the journal is when nothing says otherwise."));
        entry(".B NO_COLOR\\fR, \\fBTERM");
        text(
            roff("No colours when NO_COLOR is set, when TERM is dumb, and where the output is no "
                 "terminal."));
        entry(".B CREDENTIALS_DIRECTORY");
        text(roff("Where systemd puts the credentials that secrets name."));
        section("FILES");
        entry(".I drydock.yaml");
        text(roff("Settings: the nearest one upward from the working folder."));
        entry(roff("$XDG_STATE_HOME/drydock/journal.db, ~/.local/state/drydock/journal.db"));
        text(roff("The journal, with its log files and locks beside it."));
    }

    std::string out_;
};

}  // namespace

int manual_command(Assembly& assembly, const Arguments&) {
    assembly.output().text(ManualWriter().write());
    return 0;
}

}  // namespace drydock::cli
