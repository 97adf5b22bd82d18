import { defineGroup, option, optional } from '../option.js';
import { duration, hostName, onOff, path } from '../value-kinds.js';

export const connectionGroup = defineGroup('Connection and TLS', {
  'tls-ca': optional(path, "PEM file of the authorities to trust for rediss://, instead of the system's"),
  'tls-cert': optional(path, 'PEM file of the client certificate; needs --tls-key'),
  'tls-key': optional(path, "PEM file of the client certificate's key; needs --tls-cert"),
  'tls-server-name': optional(hostName, 'name to ask for and to find in the certificate, instead of the host'),
  'tls-insecure': option(
    onOff,
    false,
    'do not check the certificate: anyone on the way can read and change what is sent',
  ),
  'connect-timeout': option(duration, 10_000, 'give up when no connection stands after this time'),
});
