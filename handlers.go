package main

import "gopkg.in/kataras/iris.v6"

// authenticated is the session's key for whether the user has logged in.
const authenticated = "authenticated"

// secret shows its message to users who have logged in.
func secret(ctx *iris.Context) {
	if auth, _ := ctx.Session().GetBoolean(authenticated); !auth {
		ctx.EmitError(iris.StatusForbidden)
		return
	}
	ctx.WriteString("The cake is a lie!")
}

// login logs the user in. A real program checks a password first.
func login(ctx *iris.Context) {
	ctx.Session().Set(authenticated, true)
}

// logout revokes the access to the secret.
func logout(ctx *iris.Context) {
	ctx.Session().Set(authenticated, false)
}
