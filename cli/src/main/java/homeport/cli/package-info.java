/** The {@code homeport} command: one class per subcommand, exit statuses in one place. Nothing else may be called from here. */
package homeport.cli;
