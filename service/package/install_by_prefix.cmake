# Runs at the installation, which alone knows where it goes: the unit names the program and the
# settings where they are then, also in a package or with another --prefix.
set(bin_dir ${CMAKE_INSTALL_PREFIX}/bin)
set(doc_dir ${CMAKE_INSTALL_PREFIX}/share/doc/logexport)
set(settings_dir ${CMAKE_INSTALL_PREFIX}/etc/logexport)
if(CMAKE_INSTALL_PREFIX STREQUAL "/usr")
  set(settings_dir /etc/logexport)
endif()
set(unit_dir $ENV{DESTDIR}${CMAKE_INSTALL_PREFIX}/lib/systemd/system)
configure_file(${CMAKE_CURRENT_LIST_DIR}/logexportd.service.in ${unit_dir}/logexportd.service @ONLY)
file(CHMOD ${unit_dir}/logexportd.service PERMISSIONS OWNER_READ OWNER_WRITE GROUP_READ WORLD_READ)
# Somebody's settings are kept.
if(NOT EXISTS $ENV{DESTDIR}${settings_dir}/logexportd.env)
  file(INSTALL ${CMAKE_CURRENT_LIST_DIR}/logexportd.env DESTINATION ${settings_dir}
    PERMISSIONS OWNER_READ OWNER_WRITE)
endif()
