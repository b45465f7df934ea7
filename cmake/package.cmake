# What `cmake --install` and `cpack` put where: a Debian package of the programs, their units, users, rules and pages.
include(GNUInstallDirs)
install(TARGETS interlock interlock-guard interlock-signer)
file(GLOB units ${CMAKE_CURRENT_SOURCE_DIR}/deploy/*.service ${CMAKE_CURRENT_SOURCE_DIR}/deploy/*.timer)
install(FILES ${units} DESTINATION lib/systemd/system)
install(FILES deploy/interlock.sysusers DESTINATION lib/sysusers.d RENAME interlock.conf)
install(FILES deploy/65-killswitch.rules DESTINATION lib/udev/rules.d)
install(FILES deploy/guard.conf DESTINATION /etc/interlock)
install(FILES deploy/interlock.bash DESTINATION share/bash-completion/completions RENAME interlock)
install(DIRECTORY docs/ DESTINATION ${CMAKE_INSTALL_DOCDIR} PATTERN decisions EXCLUDE PATTERN "*.png" EXCLUDE)
install(FILES README.md SECURITY.md DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(FILES deploy/debian/copyright DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(DIRECTORY dashboards/ DESTINATION share/interlock/dashboards)

# A page of manual a program, of what it says of itself.
find_program(HELP2MAN help2man)
if(HELP2MAN)
  set(pages "")
  foreach(name interlock interlock-guard interlock-signer)
    set(page ${CMAKE_CURRENT_BINARY_DIR}/man/${name}.1.gz)
    add_custom_command(OUTPUT ${page} DEPENDS ${name} cmake/manual.sh VERBATIM
      COMMAND sh ${CMAKE_CURRENT_SOURCE_DIR}/cmake/manual.sh ${HELP2MAN} $<TARGET_FILE:${name}> ${page} ${PROJECT_VERSION})
    list(APPEND pages ${page})
  endforeach()
  set(changelog ${CMAKE_CURRENT_BINARY_DIR}/man/changelog.gz)
  add_custom_command(OUTPUT ${changelog} DEPENDS CHANGELOG.md VERBATIM
    COMMAND sh -c "gzip -9nc $1 >$2" sh ${CMAKE_CURRENT_SOURCE_DIR}/CHANGELOG.md ${changelog})
  add_custom_target(manual DEPENDS ${pages} ${changelog})
  install(FILES ${pages} DESTINATION ${CMAKE_INSTALL_MANDIR}/man1 OPTIONAL)
  install(FILES ${changelog} DESTINATION ${CMAKE_INSTALL_DOCDIR} OPTIONAL)
endif()

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_PACKAGE_CONTACT "Interlock maintainers <maintainers@interlock.invalid>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "Pre-trade risk gateway for FIX with a hardware kill switch")
set(CPACK_PACKAGE_DESCRIPTION "Stands between order routers and venues, counts every child order
against its parent, holds limits on size, price, rate and exposure,
and stops everything at a red button, an HTTP call, or its own
verdict. With it: the guard, which cuts off a gateway that does not
react, and the signer of its journal.")
set(CPACK_STRIP_FILES ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION net)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_DEPENDS "systemd | systemd-standalone-sysusers, tzdata")
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS nftables)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA ${CMAKE_CURRENT_SOURCE_DIR}/deploy/debian/conffiles
    ${CMAKE_CURRENT_SOURCE_DIR}/deploy/debian/postinst ${CMAKE_CURRENT_SOURCE_DIR}/deploy/debian/prerm
    ${CMAKE_CURRENT_SOURCE_DIR}/deploy/debian/postrm)
include(CPack)
