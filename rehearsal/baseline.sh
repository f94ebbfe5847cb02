# What a reader of the chapter types, as it stands there; run with bash -eu -o pipefail.
aws rds create-db-instance \
    --db-instance-identifier news-api-db \
    --db-instance-class db.t3.micro \
    --engine postgres \
    --engine-version 15.4 \
    --master-username newsadmin \
    --master-user-password 'YourSecurePassword123!' \
    --allocated-storage 20 \
    --storage-type gp3 \
    --no-publicly-accessible \
    --backup-retention-period 7 \
    --preferred-backup-window "03:00-04:00" \
    --preferred-maintenance-window "sun:04:00-sun:05:00" \
    --region us-east-1

aws rds describe-db-instances \
    --db-instance-identifier news-api-db \
    --query 'DBInstances[0].DBInstanceStatus' \
    --output text

aws rds describe-db-instances \
    --db-instance-identifier news-api-db \
    --query 'DBInstances[0].Endpoint.Address' \
    --output text

RDS_SG=$(aws rds describe-db-instances \
    --db-instance-identifier news-api-db \
    --query 'DBInstances[0].VpcSecurityGroups[0].VpcSecurityGroupId' \
    --output text)

echo "RDS Security Group: $RDS_SG"

# Get your default VPC CIDR (usually 172.31.0.0/16)
VPC_CIDR=$(aws ec2 describe-vpcs \
    --filters "Name=isDefault,Values=true" \
    --query 'Vpcs[0].CidrBlock' \
    --output text)

# Add inbound rule for PostgreSQL
aws ec2 authorize-security-group-ingress \
    --group-id $RDS_SG \
    --protocol tcp \
    --port 5432 \
    --cidr $VPC_CIDR

# Verify the rule exists
aws ec2 describe-security-groups \
    --group-ids $RDS_SG \
    --query 'SecurityGroups[0].IpPermissions'

aws elasticache create-cache-cluster \
    --cache-cluster-id news-api-cache \
    --cache-node-type cache.t3.micro \
    --engine redis \
    --engine-version 7.0 \
    --num-cache-nodes 1 \
    --region us-east-1

aws elasticache describe-cache-clusters \
    --cache-cluster-id news-api-cache \
    --query 'CacheClusters[0].CacheClusterStatus' \
    --output text

aws elasticache describe-cache-clusters \
    --cache-cluster-id news-api-cache \
    --show-cache-node-info \
    --query 'CacheClusters[0].CacheNodes[0].Endpoint' \
    --output json

# Get ElastiCache security group
REDIS_SG=$(aws elasticache describe-cache-clusters \
    --cache-cluster-id news-api-cache \
    --show-cache-node-info \
    --query 'CacheClusters[0].SecurityGroups[0].SecurityGroupId' \
    --output text)

# Allow Redis traffic from VPC
aws ec2 authorize-security-group-ingress \
    --group-id $REDIS_SG \
    --protocol tcp \
    --port 6379 \
    --cidr $VPC_CIDR
