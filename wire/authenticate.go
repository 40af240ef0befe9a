package wire

import (
	"errors"
	"strings"

	"github.com/jackc/pgproto3/v2"
	"github.com/xdg-go/scram"

	"github.com/odatagres/odatagres/internal/pgerr"
)

// authenticate runs SCRAM-SHA-256 (RFC 5802, RFC 7677; PostgreSQL documentation, section 55.3). The user is the startup
// packet's: libpq sends an empty name inside SCRAM, and PostgreSQL ignores it too.
func (c *connection) authenticate() error {
	conversation, known, err := c.conversation()
	if err != nil {
		return err
	}
	c.out.message(&pgproto3.AuthenticationSASL{AuthMechanisms: []string{scramMechanism}})
	if err := c.out.flush(); err != nil {
		return err
	}
	first, err := c.guard.password(true)
	if err != nil {
		return err
	}
	initial, ok := first.(*pgproto3.SASLInitialResponse)
	if !ok {
		return fatal(pgerr.ProtocolViolation, "malformed SCRAM message")
	}
	if initial.AuthMechanism != scramMechanism {
		return fatal(pgerr.ProtocolViolation, "client selected an invalid SASL authentication mechanism")
	}
	challenge, err := conversation.Step(string(initial.Data))
	if err := c.refuseFirst(string(initial.Data), err); err != nil {
		return err
	}
	c.out.message(&pgproto3.AuthenticationSASLContinue{Data: []byte(challenge)})
	if err := c.out.flush(); err != nil {
		return err
	}
	second, err := c.guard.password(false)
	if err != nil {
		return err
	}
	response, ok := second.(*pgproto3.SASLResponse)
	if !ok {
		return fatal(pgerr.ProtocolViolation, "malformed SCRAM message")
	}
	final, err := conversation.Step(string(response.Data))
	if err != nil || !conversation.Valid() || !known {
		if err != nil && !strings.HasPrefix(final, "e=") {
			return fatal(pgerr.ProtocolViolation, "malformed SCRAM message")
		}
		return fatal(pgerr.InvalidPassword, `password authentication failed for user "%s"`, c.user)
	}
	c.out.message(&pgproto3.AuthenticationSASLFinal{Data: []byte(final)})
	c.out.message(&pgproto3.AuthenticationOk{})
	return nil
}

// conversation starts the exchange for the user. known is false if a proof must not count, whatever it is.
func (c *connection) conversation() (conversation *scram.ServerConversation, known bool, err error) {
	secret := c.server.options.ServerSecret
	credential := c.server.options.Backend.Credential(c.user)
	keys, err := storedCredentials(secret, c.user, credential)
	known = credential.Known
	if err != nil {
		// A verifier that cannot be read: the operator is told, the client is treated as an unknown user.
		c.log.Error().Err(err).Str("user", c.user).Msg("credential unusable")
		credential.Known, known = false, false
		if keys, err = storedCredentials(secret, c.user, credential); err != nil {
			return nil, false, err
		}
	}
	server, err := scram.SHA256.NewServer(func(string) (scram.StoredCredentials, error) { return keys, nil })
	if err != nil {
		return nil, false, err
	}
	return server.NewConversation(), known, nil
}

// refuseFirst gives the faults of the client's first message PostgreSQL's texts.
func (c *connection) refuseFirst(data string, err error) error {
	switch {
	case strings.HasPrefix(data, "p="):
		return fatal(pgerr.ProtocolViolation, "malformed SCRAM message").
			WithDetail("The client selected SCRAM-SHA-256 without channel binding, but the SCRAM message includes channel binding data.")
	case strings.HasPrefix(data, "n,a="), strings.HasPrefix(data, "y,a="):
		return fatal(pgerr.FeatureNotSupported, "client uses authorization identity, but it is not supported")
	case err != nil && strings.Contains(data, ",m="):
		return fatal(pgerr.FeatureNotSupported, "client requires an unsupported SCRAM extension")
	case err != nil:
		return fatal(pgerr.ProtocolViolation, "malformed SCRAM message").WithCause(errors.Unwrap(err))
	}
	return nil
}
