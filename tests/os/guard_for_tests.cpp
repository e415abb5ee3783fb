#include <cstdlib>

#include "engine/os/command_host.h"

int main(int count, char** arguments) {
    return count == 3 ? drydock::os::guard_main(std::atoi(arguments[2])) : 2;
}
