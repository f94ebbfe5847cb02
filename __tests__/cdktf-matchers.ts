import { Testing } from "cdktf";

// The matchers of cdktf: toHaveResource, toHaveResourceWithProperties, toHaveDataSourceWithProperties, …
Testing.setupJest();
