return await RolloutController.Cli.CommandLine.InvokeAsync(args, RolloutController.Hosting.ControlRegistration.Add);
