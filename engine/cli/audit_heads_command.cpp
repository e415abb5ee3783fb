#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "engine/audit/heads.h"
#include "engine/cli/assemble.h"
#include "engine/cli/commands.h"
#include "engine/cli/text.h"
#include "engine/config/private_file.h"
#include "engine/os/atomic_file.h"
#include "engine/os/file_system.h"
#include "engine/os/process.h"
#include "engine/os/random.h"

namespace drydock::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kLongestKey = 4'096;
constexpr std::size_t kLongestMemory = 16'384;
constexpr std::size_t kSeedBytes = 32;

// Who can read it can sign in our name.
audit::SignerKey read_key(const std::string& file) {
    if (!fs::exists(file))
        throw Error(ErrorCode::Usage, "there is no key file " + file,
                    "drydock audit key " + file + " makes one");
    os::check_private(file);
    return audit::signer_key(config::read_private_file(file, kLongestKey));
}

audit::SignerKey make_key(const std::string& file, std::string name) {
    if (name.empty()) name = "drydock@" + os::host_name();
    audit::check_key_name(name);
    const audit::SignerKey key{.name = name,
                               .seed = crypto::Key(os::system_random().bytes(kSeedBytes))};
    os::write_file(file, key.text() + "\n", 0600);
    return key;
}

std::string signers(const audit::Note& note) {
    std::string names;
    for (const audit::NoteSignature& signature : note.signatures)
        names += (names.empty() ? "" : ", ") + signature.name;
    return names;
}

int list_heads(Assembly& assembly) {
    Output& output = assembly.output();
    Table table{.head = {"size", "signed by"}, .rows = {}, .flexible = 1};
    for (const journal::Head& head : assembly.reader().heads()) {
        const std::string names = signers(audit::read_note(head.note));
        if (output.json())
            output.json_line(
                Value::Map{{"size", head.size}, {"signers", names}, {"note", head.note}});
        table.rows.push_back({grouped(head.size), names});
    }
    if (output.json()) return 0;
    if (table.rows.empty())
        output.note("no head was signed yet: drydock audit heads --sign --key FILE --state FILE");
    else
        for (const std::string& line : lines_of(table, output.width())) output.line(line);
    return 0;
}

int sign_head(Assembly& assembly, const Arguments& arguments) {
    if (arguments.keys.size() != 1 || arguments.state.empty())
        throw Error(ErrorCode::Usage, "signing wants a key, and the file of what was signed before",
                    "drydock audit heads --sign --key FILE --state FILE");
    const audit::SignerKey key = read_key(arguments.keys.front());
    std::optional<audit::SignerMemory> memory;
    if (fs::exists(arguments.state))
        memory = audit::signer_memory(config::read_private_file(arguments.state, kLongestMemory));
    const audit::SignedHead made = audit::sign_head(assembly.reader(), key, memory);
    // Remembered first: a head that nobody got harms nothing, two of one size would.
    os::write_file(arguments.state, made.memory.text(), 0600);
    assembly.journal().add_head(made.head);
    if (!memory) assembly.output().note("the first head of this signer: nothing to compare with");
    if (assembly.output().json())
        assembly.output().json_line(Value::Map{{"size", made.head.size}, {"note", made.head.note}});
    else
        assembly.output().text(made.head.note);
    return 0;
}

}  // namespace

int audit_heads_command(Assembly& assembly, const Arguments& arguments) {
    return arguments.sign_head ? sign_head(assembly, arguments) : list_heads(assembly);
}

int audit_key_command(Assembly& assembly, const Arguments& arguments) {
    const std::string& file = arguments.subjects.front();
    const bool there = fs::exists(file);
    if (there && !arguments.key_name.empty())
        throw Error(ErrorCode::Usage, file + " has a key already, whose name stays",
                    "leave --name out to see its public half");
    const audit::SignerKey key = there ? read_key(file) : make_key(file, arguments.key_name);
    Output& output = assembly.output();
    if (!there) output.note("made " + file + ": keep it where no run and no journal is");
    const std::string text = key.verifier().text();
    if (output.json())
        output.json_line(Value::Map{{"file", file}, {"verifier_key", text}});
    else
        output.line(text);
    return 0;
}

}  // namespace drydock::cli
